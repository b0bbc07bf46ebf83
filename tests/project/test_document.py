from pathlib import Path

from v2v_studio.project.document import document
from v2v_studio.project.records import RECORDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "project-format.md"


def test_the_page_is_what_the_records_say():
    written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    assert written == document(), "stale; run: python -m v2v_studio.project.document docs/project-format.md"


def test_every_field_of_every_record_is_on_the_page():
    page = document()
    for model in RECORDS:
        section = page.split(f"### `{model.SCHEMA}`")[1].split("\n###")[0]
        for name, field in model.model_fields.items():
            assert f"| `{field.alias or name}` |" in section
