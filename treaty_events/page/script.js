"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const keysOf = (card) => card.dataset.e.split(" ");
  const article = document.querySelector("article");
  // What is marked: the words of what is pointed at, else of the card with the focus, else of the card that is kept.
  let pointed = null, focused = null, pinned = null;
  const show = () => {
    const keys = new Set(pointed || (focused && keysOf(focused)) || (pinned && keysOf(pinned)) || []);
    all("article .m").forEach((mark) => mark.classList.toggle("on", keys.has(mark.dataset.m)));
  };
  const pin = (card) => {
    pinned = pinned === card ? null : card;
    all(".card").forEach((other) => {
      other.classList.toggle("pinned", other === pinned);
      other.querySelector(".pin").setAttribute("aria-pressed", String(other === pinned));
    });
    show();
  };
  all(".card").forEach((card) => {
    card.addEventListener("mouseenter", () => { pointed = keysOf(card); show(); });
    card.addEventListener("mouseleave", () => { pointed = null; show(); });
    card.addEventListener("focusin", () => { focused = card; show(); });
    card.addEventListener("focusout", () => { focused = null; show(); });
    card.addEventListener("click", (event) => {
      const selecting = String(window.getSelection()) !== "";
      if (event.target.closest(".pin") || !(selecting || event.target.closest("a"))) pin(card);
    });
  });
  // Inside nested mentions the innermost one counts.
  article.addEventListener("mouseover", (event) => {
    const mark = event.target.closest(".m[data-r]");
    pointed = mark && [mark.dataset.m, ...mark.dataset.r.split(" ")];
    show();
  });
  article.addEventListener("mouseleave", () => { pointed = null; show(); });
})();
