"""What a tag may be, and how a run's tags change."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.errors import TagError

__all__ = ["MAX_TAG_LENGTH", "MAX_USER_TAGS", "changed_tags", "check_tag", "user_tags_of"]

#: Characters.
MAX_TAG_LENGTH = 500
#: Of one run; system tags don't count.
MAX_USER_TAGS = 50


def check_tag(tag: object) -> str:
    """Return ``tag`` if it can be one; else raise TagError that says why not."""
    if not isinstance(tag, str):
        raise TagError(f"a tag must be text, and {tag!r} is {type(tag).__name__}")
    if not tag:
        raise TagError("a tag must not be empty")
    if len(tag) > MAX_TAG_LENGTH:
        raise TagError(f"the tag {tag[:40]!r}… has {len(tag)} characters; at most {MAX_TAG_LENGTH} are allowed")
    try:
        tag.encode("utf-8")
    except UnicodeEncodeError:
        raise TagError(f"the tag {tag!r} can't be written as UTF-8") from None
    return tag


def user_tags_of(tags: Iterable[object], system_tags: Iterable[str]) -> tuple[str, ...]:
    """``tags`` checked, each once, in the order given, without those that are system tags already.

    Raises
    ------
    TagError
        If one can't be a tag, or there are too many.
    """
    reserved = frozenset(system_tags)
    checked = tuple(tag for tag in dict.fromkeys(map(check_tag, tags)) if tag not in reserved)
    if len(checked) > MAX_USER_TAGS:
        raise TagError(f"a run may have {MAX_USER_TAGS} tags of its user's, and these would be {len(checked)}")
    return checked


def changed_tags(
    user_tags: Iterable[str], system_tags: Iterable[str], *, add: Iterable[object], remove: Iterable[object]
) -> tuple[str, ...]:
    """A run's user tags after ``remove``, then ``add``. Tags that aren't there are removed in silence.

    Raises
    ------
    TagError
        If ``remove`` names a system tag, a new tag can't be one, or there would be too many.
    """
    reserved = frozenset(system_tags)
    removed = frozenset(map(check_tag, remove))
    if fixed := sorted(removed & reserved):
        names = ", ".join(map(repr, fixed))
        raise TagError(f"{names} can't be removed: FlowKit sets system tags itself, and no tag was changed")
    return user_tags_of([*(tag for tag in user_tags if tag not in removed), *add], reserved)
