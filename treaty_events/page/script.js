"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  let pinned = null;
  const show = (keys) => all(".m").forEach((mark) =>
    mark.classList.toggle("on", keys.has(mark.dataset.m)));
  const keysOf = (card) => new Set((card.dataset.e || "").split(" "));
  const rest = () => show(pinned ? keysOf(pinned) : new Set());
  const pin = (card) => {
    const same = pinned === card;
    all(".card").forEach((other) => {
      other.classList.toggle("pinned", other === card && !same);
      other.setAttribute("aria-pressed", String(other === card && !same));
    });
    pinned = same ? null : card;
    rest();
  };
  all(".card").forEach((card) => {
    card.addEventListener("mouseenter", () => show(keysOf(card)));
    card.addEventListener("mouseleave", rest);
    card.addEventListener("focusin", () => show(keysOf(card)));
    card.addEventListener("focusout", rest);
    card.addEventListener("click", (event) => { if (!event.target.closest("a")) pin(card); });
    card.addEventListener("keydown", (event) => {
      if (event.target === card && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); pin(card); }
    });
  });
  all(".m[data-r]").forEach((mark) => {
    const keys = new Set([mark.dataset.m, ...mark.dataset.r.split(" ")]);
    mark.addEventListener("mouseenter", (event) => { event.stopPropagation(); show(keys); });
    mark.addEventListener("mouseleave", rest);
  });
})();
