"""Review: what is thought of a take."""

from __future__ import annotations

from v2v_studio.errors import UsageError
from v2v_studio.project.records import Note, Review
from v2v_studio.studio.desk import Desk
from v2v_studio.studio.origin import now


class Reviewing(Desk):
    """The verb `review`."""

    def review(self, name: str, decision: str, text: str = "", number: int | None = None) -> Review:
        """Approve or reject a take ("sh010/t001"), ask for another (`retake`), or pin a note to it.

        Args:
            decision: approve, reject, retake or note.
            text: a note; needed for `note`, welcome with the others.
            number: the frame it is pinned to, as numbered in the take.
        """
        shot, slash, take_name = name.partition("/")
        if not slash:
            raise UsageError(f"'{name}' is not a take; one is named like sh010/t001")
        if decision == "note" and not text:
            raise UsageError('a note needs a text: v2v review sh010/t001 note "the hand smears"')
        take = self.store.take(shot, take_name)
        if number is not None and not take.number(take.first) <= number < take.number(take.last):
            raise UsageError(
                f"{name} has frames {take.number(take.first)} to {take.number(take.last - 1)}, not {number}"
            )
        frame = None if number is None else take.start + number - take.number(take.start)
        status = {"approve": "approved", "reject": "rejected", "retake": "rejected"}.get(decision)

        def change(review: Review) -> Review:
            notes = [*review.notes, Note(text=text, frame=frame, created=now())] if text else review.notes
            return review.changed(status=status or review.status, notes=[note.model_dump() for note in notes])

        made = self.store.change_review(shot, take_name, change)
        if status:
            word = {"approve": "approved", "reject": "wip", "retake": "retake"}[decision]
            chosen = {"take": take_name} if decision == "approve" else {}
            self.store.change_shot(shot, lambda one: one.changed(status=word, **chosen))
        return made
