"""Releases on the Hugging Face Hub: `push` uploads a release directory, `fetch` downloads one, checksums compared.

A release directory is a model repository as it is; only its README.md, the model card, is made on the way (`card`).
All need the extra `hub`. `huggingface_hub` obeys its environment variables: `HF_HUB_OFFLINE=1` keeps `fetch` to the
cache, `HF_HOME` moves the cache, `HF_ENDPOINT` names another hub.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from . import release
from .errors import InputError, MissingExtraError, ReleaseError

README: Final = "README.md"
LIBRARY: Final = "treaty-events"
TAGS: Final = (
    "event-extraction",
    "relation-extraction",
    "named-entity-recognition",
    "treaties",
    "international-relations",
    "multilingual",
    "onnx",
)
_NAME: Final = re.compile(r"(?P<name>[a-z0-9][\w.-]*/[a-z0-9][\w.-]*)(?:@(?P<revision>[\w./-]+))?", re.ASCII | re.I)
# Base encoders by their name in `training.settings`.
_BASES: Final = {"offline": "intfloat/multilingual-e5-small"}


def _client() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingExtraError("huggingface_hub", "hub") from error
    return huggingface_hub


@contextmanager
def _explained(repository: str, action: str) -> Iterator[None]:
    """Turn the hub's errors into this package's, with what to do about them."""
    errors = _client().errors
    try:
        yield
    except errors.HFValidationError as error:
        raise InputError(f"{repository!r} is no repository name: give 'owner/name'") from error
    except errors.RevisionNotFoundError as error:
        raise ReleaseError(f"cannot {action} {repository}: it has no such revision (branch, tag or commit)") from error
    except errors.GatedRepoError as error:
        raise ReleaseError(
            f"cannot {action} {repository}: ask for access on its page and log in with 'hf auth login' or give a token"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ReleaseError(
            f"cannot {action} {repository}: no such repository, or a private one: check the name, log in with "
            "'hf auth login' or give a token"
        ) from error
    except errors.LocalEntryNotFoundError as error:
        raise ReleaseError(
            f"cannot {action} {repository}: it is not whole in the cache and the hub is not reached: connect once "
            "(without HF_HUB_OFFLINE), or give a directory"
        ) from error
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        advice = "log in with 'hf auth login' or give a token that may" if status in (401, 403) else "try again later"
        raise ReleaseError(f"cannot {action} {repository}: the hub answered {status}: {advice}") from error
    except (errors.HTTPError, OSError) as error:
        # No connection, no token, a full disk: `errors.HTTPError` is the base class of the HTTP library in use.
        raise ReleaseError(f"cannot {action} {repository}: {error}") from error


def fetch(
    repository: str,
    revision: str | None = None,
    *,
    token: str | bool | None = None,
    offline: bool = False,
    cache: str | Path | None = None,
) -> Path:
    """Download a release to the hub's cache; what is there already is not downloaded again.

    Args:
        repository: `owner/name` on the hub.
        revision: branch, tag or commit; None for the main branch.
        token: access token, for private repositories; None for the one that `hf auth login` left.
        offline: look in the cache only.
        cache: the cache's directory; None for the usual one.

    Returns:
        The release directory in the cache. Its files are the cache's: do not change them.

    Raises:
        InputError: the name is none.
        ReleaseError: no such repository, no network and not in the cache, or the files are no whole release.
        MissingExtraError: `huggingface_hub` is not installed.
    """
    from .extractor import package_version

    hub = _client()
    with _explained(repository, "fetch"):
        directory = Path(
            hub.snapshot_download(
                repository,
                revision=revision,
                allow_patterns=[*release.FILES, *release.OPTIONAL, release.CHECKSUMS],
                token=token,
                local_files_only=offline,
                cache_dir=cache,
                library_name=LIBRARY,
                library_version=package_version(),
            )
        )
    try:
        release.check(directory)
    except ReleaseError as error:
        raise ReleaseError(
            f"{repository} was fetched from the hub, but {error}; if it is a release, delete {directory} and try again"
        ) from error
    return directory


def resolve(model: str | Path) -> Path:
    """Find the release that a name means: a directory if there is one, else a repository on the hub.

    Args:
        model: directory, or `owner/name` on the hub, or `owner/name@revision`. A `Path` is always a directory.

    Returns:
        The release directory. What is neither comes back as a path, for `release.check` to refuse.

    Raises:
        ReleaseError: it looks like a name on the hub and cannot be fetched from there.
    """
    path = Path(model)
    match = _NAME.fullmatch(model) if isinstance(model, str) else None
    if match is None or path.exists():
        return path
    try:
        return fetch(match["name"], match["revision"])
    except (ReleaseError, MissingExtraError) as error:
        raise ReleaseError(f"there is no directory {model}, and taken for a name on the hub: {error}") from error


def push(
    directory: str | Path,
    repository: str,
    *,
    token: str | bool | None = None,
    private: bool | None = None,
    revision: str | None = None,
    languages: Sequence[str] | None = None,
    readme: str | None = None,
) -> str:
    """Upload a release in one commit, with a model card; the repository is made if it is not there.

    Args:
        directory: the release; it is checked first and not changed.
        repository: `owner/name` on the hub.
        token: access token that may write; None for the one that `hf auth login` left.
        private: whether the repository is private; None for the owner's usual.
        revision: branch to commit to, which must be there; None for the main branch.
        languages: ISO 639-1 codes for the model card; None for those that the provenance names.
        readme: a model card to upload in place of the generated one, e.g. that of `evaluation.card`.

    Returns:
        Address of the commit.

    Raises:
        InputError: the name is none.
        ReleaseError: the directory is no whole release, the hub refuses, or what should be private is public.
        MissingExtraError: `huggingface_hub` is not installed.
    """
    directory = Path(directory)
    release.check(directory)
    hub = _client()
    readme = card(directory, repository, languages) if readme is None else readme
    operations = [hub.CommitOperationAdd(path_in_repo=README, path_or_fileobj=readme.encode("utf-8"))]
    operations += [
        hub.CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(directory / name)) for name in files(directory)
    ]
    with _explained(repository, "push to"):
        api = hub.HfApi(token=token)
        api.create_repo(repository, private=private, exist_ok=True)
        # A repository that was there before keeps its visibility: nothing goes public by mistake.
        if private and not api.repo_info(repository).private:
            raise ReleaseError(f"{repository} is public already: make it private on its page or leave out private")
        title = f"Upload {_json(directory, release.PROVENANCE).get('name', directory.name)}"
        commit = api.create_commit(repository, operations, revision=revision, commit_message=title)
    return str(commit.commit_url)


def files(directory: Path) -> tuple[str, ...]:
    """Name the files of a release, with the optional ones that it has."""
    optional = (name for name in release.OPTIONAL if (directory / name).exists())
    return (*release.FILES, *optional, release.CHECKSUMS)


def _json(directory: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((directory / name).read_text(encoding="utf-8"))
    return content


def _base_model(provenance: dict[str, Any]) -> str | None:
    """Find the encoder that the first of a chain of trainings started from."""
    while isinstance(provenance.get("start"), dict):
        provenance = provenance["start"]
    base = provenance.get("settings", {}).get("model", {}).get("base")
    return _BASES.get(base, base if base in _BASES.values() else None)


def card(directory: str | Path, repository: str, languages: Sequence[str] | None = None) -> str:
    """Write a release's model card from its configuration and provenance.

    Args:
        directory: the release.
        repository: `owner/name`, for the example.
        languages: ISO 639-1 codes; None for those that the provenance names (`languages`), if it does.

    Returns:
        Markdown with the hub's metadata in front. What the release does not say is left out.

    Raises:
        MissingExtraError: `huggingface_hub` is not installed.
    """
    directory = Path(directory)
    provenance, config = _json(directory, release.PROVENANCE), _json(directory, release.CONFIG)
    digests, names = _json(directory, release.CHECKSUMS), config["vocabulary"]
    title = provenance.get("name", repository.split("/")[-1])
    license_name = provenance.get("license")
    metadata = _client().ModelCardData(
        language=sorted(languages or provenance.get("languages") or ()) or None,
        license=license_name and license_name.lower(),
        library_name=LIBRARY,
        pipeline_tag="token-classification",
        base_model=_base_model(provenance),
        tags=list(TAGS),
    )
    facts = {
        "Weights, SHA-256": f"`{digests[release.WEIGHTS]}`",
        "Licence": license_name,
        "Vocabulary": f"version {names['version']}",
        "Event types": ", ".join(entry["type"] for entry in names["event_types"]),
        "Mentions": ", ".join(names["mention_labels"]),
        "Window": f"{config['window']} tokens, {config['overlap']} shared (longer texts are read in several)",
        "Training documents": provenance.get("documents"),
        "Event told from confidence": config.get("least_confidence"),
    }
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items() if value is not None)
    return f"""---
{metadata.to_yaml().strip()}
---

# {title}

Finds treaty events in news articles: which step of which agreement, between whom, when, where, by whom, with the words
of the text that say so. A release of [treaty-events](https://pypi.org/project/treaty-events/); it runs on ONNX Runtime.

```sh
pip install 'treaty-events[hub]'
```

```python
from treaty_events import Extractor

extractor = Extractor.from_pretrained("{repository}")
for event in extractor.predict("Le Sénat a ratifié l'accord avec le Qatar.", published="2025-02-13"):
    print(event.type, event.status, event.party_codes, event.trigger)
```

| | |
|---|---|
{rows}

How it was trained is in `{release.PROVENANCE}`, sizes and thresholds are in `{release.CONFIG}`.
"""
