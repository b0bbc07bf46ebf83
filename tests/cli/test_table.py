from v2v_studio.cli.table import place


def test_a_path_within_the_working_folder_is_shown_as_seen_from_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place(tmp_path / "film/exports/cut01.mp4") == "film/exports/cut01.mp4"
    assert place(str(tmp_path / "edits")) == "edits"


def test_a_path_elsewhere_is_shown_whole(tmp_path, monkeypatch):
    (tmp_path / "film").mkdir()
    monkeypatch.chdir(tmp_path / "film")
    assert place(tmp_path / "film2/cut01.mp4") == str(tmp_path / "film2/cut01.mp4")
