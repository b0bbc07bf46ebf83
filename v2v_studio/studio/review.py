"""Review: what is thought of a take."""

from __future__ import annotations

from v2v_studio.errors import UsageError
from v2v_studio.project.records import Note, Review, Take
from v2v_studio.studio.desk import Desk
from v2v_studio.studio.origin import now


class Reviewing(Desk):
    """The verb `review`."""

    def review(
        self,
        name: str,
        decision: str,
        text: str = "",
        number: int | None = None,
        box: tuple[float, float, float, float] | None = None,
    ) -> Review:
        """Approve or reject a take ("sh010/t001"), ask for another (`retake`), or pin a note to it.

        Args:
            decision: approve, reject, retake or note.
            text: a note; needed for `note`, welcome with the others.
            number: the frame it is pinned to, as numbered in the take.
            box: where on that frame: x, y, width, height in pixels of the take.

        Raises:
            UsageError: no take, no such frame or place on it, or a note without words.
        """
        take = self.take_named(name)
        if decision == "note" and not text:
            raise UsageError('a note needs a text: v2v review sh010/t001 note "the hand smears"')
        if number is not None and not take.number(take.first) <= number < take.number(take.last):
            raise UsageError(
                f"{name} has frames {take.number(take.first)} to {take.number(take.last - 1)}, not {number}"
            )
        if box is not None:
            check_box(box, number, take)
        frame = None if number is None else take.start + number - take.number(take.start)
        status = {"approve": "approved", "reject": "rejected", "retake": "rejected"}.get(decision)

        def change(review: Review) -> Review:
            notes = [*review.notes, Note(text=text, frame=frame, box=box, created=now())] if text else review.notes
            return review.changed(status=status or review.status, notes=[note.model_dump() for note in notes])

        made = self.store.change_review(take.shot, take.id, change)
        if status:
            word = {"approve": "approved", "reject": "wip", "retake": "retake"}[decision]
            chosen = {"take": take.id} if decision == "approve" else {}
            self.store.change_shot(take.shot, lambda one: one.changed(status=word, **chosen))
        return made


def check_box(box: tuple[float, float, float, float], number: int | None, take: Take) -> None:
    """UsageError for a box on no frame, without an area, or beside the picture."""
    if number is None:
        raise UsageError("a box is on one frame; say which, as in --frame 1032 --box 40,20,64,48")
    (x, y, width, height), (across, down) = box, take.size
    if not (width > 0 and height > 0 and 0 <= x < across and 0 <= y < down):
        raise UsageError(
            f"box {x:g},{y:g},{width:g},{height:g} is not on the picture; it is x,y,width,height in a frame of "
            f"{across}x{down}"
        )
