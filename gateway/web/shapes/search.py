"""What lists are searched by."""

from pydantic import Field

from crm_store.search.marking import Marked
from crm_store.search.query import MAX_LENGTH
from gateway.web.shapes.fields import PageQuery, Shape


class SearchQuery(PageQuery):
    """The query of a list that can be searched."""

    q: str | None = Field(None, max_length=MAX_LENGTH, description="words to be found, all of them; the last may go on")

    @property
    def sought(self) -> str | None:
        """None where nothing is: an empty field of a form asks for nothing."""
        return (self.q or "").strip() or None


class Found(Shape):
    """Why something is in a list that was searched."""

    entry_id: str = Field(description="the entry recorded last of those in which it is found")
    snippet: str = Field(description="plain text of that mail")
    marks: list[tuple[int, int]] = Field(
        description="beginning and end of what was found, in characters (code points) of the snippet"
    )


def found(entry_id: int, excerpt: Marked) -> Found:
    return Found(entry_id=str(entry_id), snippet=excerpt.text, marks=excerpt.marks)
