"""What networks read: every source gives windows, and every source that cannot says why in one sentence."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatedsym.flow import gradient_flow
from gatedsym.flow.inputs.series import (
    MAX_ALPHABET,
    DataError,
    read_alphabet,
    read_input,
    shipped_text,
    text_series,
    white_noise,
    word_series,
)
from gatedsym.flow.inputs.words import split_words


def test_shipped_text_is_long_enough_and_says_where_it_comes_from():
    series = shipped_text()
    assert len(series.values) >= 5000
    assert "Lewis Carroll" in series.description
    assert "1865" in series.description


def test_windows_of_a_text_are_one_hot_and_spell_the_text():
    series = text_series("abcabcabc", "text", "three letters")
    cut = series.windows(4, 5, seed=0)
    assert cut.shape == (4, 5, 3)
    assert np.all(cut.sum(axis=-1) == 1)
    letters = cut.argmax(axis=-1)
    assert np.all((letters[1:] - letters[:-1]) % 3 == 1)


def test_windows_depend_on_the_seed_alone():
    series = shipped_text()
    assert np.array_equal(series.windows(50, 3, seed=1), series.windows(50, 3, seed=1))
    assert not np.array_equal(series.windows(50, 3, seed=1), series.windows(50, 3, seed=2))


def test_white_noise_has_mean_0_and_variance_1():
    noise = white_noise(4).windows(2000, 5, seed=0)
    count = noise.size
    assert abs(noise.mean()) < 4 / np.sqrt(count)
    assert abs(noise.var() - 1) < 4 * np.sqrt(2 / count)


def test_chinese_text_is_read(tmp_path):
    path = tmp_path / "诗.txt"
    path.write_text("床前明月光,疑是地上霜。举头望明月,低头思故乡。" * 3, encoding="utf-8")
    series = read_input(path)
    assert series.name == "诗"
    assert series.features == len(set(path.read_text("utf-8")))


def test_a_large_alphabet_is_capped_and_says_so():
    text = "".join(chr(0x4E00 + k) for k in range(MAX_ALPHABET + 100)) + "".join(chr(0x4E00 + k) for k in range(10))
    series = text_series(text, "text", "many characters")
    assert series.features == MAX_ALPHABET
    assert series.values.max() == MAX_ALPHABET - 1
    assert str(MAX_ALPHABET + 100) in series.notes[0]


def test_csv_columns_are_standardised_and_names_and_words_left_out(tmp_path):
    path = tmp_path / "weather.csv"
    path.write_text("day,temperature,wind\nmon,1,4\ntue,2,4\nwed,3,4\n", encoding="utf-8")
    series = read_input(path)
    assert series.features == 2
    assert np.allclose(series.values[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-15)
    assert np.all(series.values[:, 1] == 0)
    assert any("2 of 3 columns" in note for note in series.notes)
    assert any("variance 1" in note for note in series.notes)


@pytest.mark.parametrize("shape", [(30, 2), (30, 4, 2)])
def test_npy_arrays_are_read(tmp_path, shape):
    path = tmp_path / "array.npy"
    np.save(path, np.random.default_rng(0).normal(5, 3, shape))
    cut = read_input(path).windows(10, 6, seed=0)
    assert cut.shape == (10, 6, 2)


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_input(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.csv", b"  \n\n", "is empty"),
        ("one.txt", b"aaaa", "fewer than two"),
        ("latin.txt", b"caf\xe9", "not UTF-8"),
        ("words.csv", b"a,b\nc,d\n", "no column of numbers"),
        ("header.csv", b"a,b\n", "no row of numbers"),
        ("ragged.csv", b"1,2\n3\n", "1 columns where 2"),
        ("hole.csv", b"1,2\nnan,3\n", "not finite"),
        ("inf.csv", b"1,2\ninf,3\n", "not finite"),
        ("huge.csv", b"1e308\n-1e308\n1e308\n", "too large"),
        ("broken.npy", b"\x93NUMPY nonsense", "not a NumPy array"),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, name, content, said):
    message = refused(tmp_path / name, content)
    assert said in message
    assert "\n" not in message
    assert message.endswith(".")


def test_pickled_arrays_are_refused(tmp_path):
    path = tmp_path / "object.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not a NumPy array") as caught:
        read_input(path)
    assert "allow_pickle" not in str(caught.value)


@pytest.mark.parametrize("shape", [(5,), (0, 2), (2, 3, 4, 5)])
def test_arrays_of_a_wrong_shape_are_refused_with_the_shape(tmp_path, shape):
    path = tmp_path / "array.npy"
    np.save(path, np.zeros(shape))
    with pytest.raises(DataError, match=r"\(time, feature\)"):
        read_input(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        read_input(tmp_path / "none.txt")
    with pytest.raises(DataError, match="cannot be read"):
        read_input(tmp_path)


def test_windows_longer_than_the_data_are_refused_with_both_lengths():
    with pytest.raises(DataError, match="9 steps and windows of 10"):
        text_series("abcabcabc", "text", "three letters").windows(10, 1, seed=0)


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["x.txt", "x.csv", "x.npy", "x.tsv"]))
def test_no_bytes_raise_anything_but_a_data_error(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(content)
    try:
        features = read_input(path).features
    except DataError:
        features = 1
    assert features >= 1


def test_words_are_counted_and_the_rare_ones_share_a_feature(tmp_path, monkeypatch):
    path = tmp_path / "words.txt"
    path.write_text("The cat, the dog; the cat's tail.")
    series = read_input(f"words:{path}")
    assert series.features == 8  # the cat dog cat's tail , ; .
    assert series.values.shape == (10,)
    assert "vocabulary of 8" in series.description
    monkeypatch.setattr("gatedsym.flow.inputs.series.MAX_ALPHABET", 3)
    few = read_input(f"words:{path}")
    assert few.features == 3
    assert "all others share one" in few.notes[0]
    assert np.bincount(few.values).tolist() == [1, 3, 6]  # ",", "the", all others: the commonest, then by code point


def test_a_text_read_as_words_has_another_digest_than_as_characters(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one two one two three")
    assert read_input(f"words:{path}").digest != read_input(path).digest
    assert read_input("words").kind == "symbols"


def test_words_of_numbers_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("1,2\n")
    with pytest.raises(DataError, match="no words"):
        read_input(f"words:{tmp_path / 'a.csv'}")


@pytest.mark.parametrize("source", ["", "words:"])
def test_an_input_without_a_name_is_refused(source):
    with pytest.raises(DataError, match="no input is named"):
        read_input(source)


# Numbers: what is one, and what only looks like one.

AS_NUMBERS = [
    "1_0",
    "0x1F",
    "1'000",
    "1 000",
    "5 %",
    "12,5",
    "１２",
    "٣",
    "1d5",
    "$5",
    "1.2.3",
    "0b1",
    "-1_000.5",
    "5€",
    "",
]


@pytest.mark.parametrize("cell", AS_NUMBERS)
@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_cell_that_is_no_number_among_numbers_is_refused_with_its_place(tmp_path, cell, row):
    rows = ["1", "2", "3"]
    rows[row] = f'"{cell}"'
    message = refused(tmp_path / "a.csv", ("value,other\n" + "".join(f"{r},7\n" for r in rows)).encode())
    assert f"column 1 (value), data row {row + 1} is {cell!r}" in message or f"data row {row + 1} is empty" in message


@pytest.mark.parametrize("cell", [c for c in AS_NUMBERS if c not in ("5€", "")])
def test_a_column_of_numbers_that_are_written_as_none_is_refused_and_not_left_out(tmp_path, cell):
    message = refused(tmp_path / "a.csv", ("a,b\n" + f'1,"{cell}"\n' * 3).encode())
    assert f"column 2 (b), data row 1 is {cell!r}, which is no number" in message


@pytest.mark.parametrize("cell", ["mon", "2020-01-31", "12:30", "north", "A12", "n/a"])
def test_a_column_of_words_and_dates_is_left_out_and_said(tmp_path, cell):
    (tmp_path / "a.csv").write_text("a,when\n" + "".join(f"{k},{cell}\n" for k in range(4)))
    series = read_input(tmp_path / "a.csv")
    assert series.features == 1
    assert "left out: column 2 (when)" in series.notes[0]


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=20))
def test_numbers_as_python_and_spreadsheets_write_them_are_read(tmp_path_factory, values):
    folder = tmp_path_factory.getbasetemp()
    columns = [[repr(v), f"{v:e}", f"{v:+.8g}", f" {v!r} "] for v in values]
    for name, separator in (("w.csv", ","), ("w.csv", ";"), ("w.tsv", "\t")):
        (folder / name).write_text("\ufeff" + "\r\n".join(separator.join(row) for row in columns), encoding="utf-8")
        cut = read_input(folder / name)
        expected = np.array(values, float)
        expected = (expected - expected.mean()) / (expected.std() or 1.0)
        assert cut.features == 4
        assert np.allclose(cut.values[:, 0], expected, atol=1e-6) or expected.std() < 1e-6


def test_decimal_commas_between_semicolons_are_refused_and_not_read_as_columns(tmp_path):
    for text in ("1,5;2,5\n3,5;4,5\n", "a;b\n1,5;2,5\n3,5;4,5\n"):
        message = refused(tmp_path / "a.csv", text.encode())
        assert "number" in message


@pytest.mark.parametrize("content", [b"1\r2\r3\r", b'"1\n2', b"1,2\n\0,3\n", b'"' + b"9" * 200_000 + b'"\n1\n'])
def test_odd_tables_are_read_or_refused(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    try:
        assert read_input(tmp_path / "a.csv").features == 1
    except DataError as error:
        assert str(error).endswith(".")  # noqa: PT017


# Arrays.


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a.astype(">f8"), np.float32, lambda a: a > 5])
def test_any_order_of_bytes_and_axes_gives_the_same_numbers(tmp_path, change):
    values = np.random.default_rng(0).normal(5, 3, (30, 2)).astype(np.float32).astype(float)
    np.save(tmp_path / "a.npy", change(values))
    changed = np.asarray(change(values), float)
    assert np.allclose(
        read_input(tmp_path / "a.npy").values, (changed - changed.mean(axis=0)) / changed.std(axis=0), atol=1e-12
    )


@pytest.mark.parametrize(
    "array", [np.zeros((3, 2), complex), np.zeros((3, 2), [("a", float)]), np.zeros((3, 2), "M8[s]")]
)
def test_arrays_of_other_things_than_real_numbers_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match="real numbers"):
        read_input(tmp_path / "a.npy")


def test_an_array_that_is_cut_off_or_goes_on_or_announces_terabytes_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.random.default_rng(0).standard_normal((9, 2)))
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-8], whole + b"\0", whole[:128], whole[:60]):
        assert "save" in refused(path, content)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 3)})
    assert "not a NumPy array file" in refused(path, path.read_bytes())


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_an_array_file_turned_over_ends_in_anything_but_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.npy"
    np.save(path, np.random.default_rng(0).standard_normal((9, 2)))
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(whole))
    try:
        assert np.isfinite(read_input(path).values).all()
    except DataError as error:
        assert str(error).endswith(".")  # noqa: PT017


def test_a_masked_array_is_refused():
    masked = np.ma.masked_greater(np.random.default_rng(0).standard_normal((9, 2, 3)), 0)
    with pytest.raises(ValueError, match="masked"):
        gradient_flow("rnn", masked, n=3, seeds=1)


# What stands in the place of a file.


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.npy"])
def test_pipes_devices_folders_and_names_that_cannot_be_are_refused_at_once(tmp_path, name):
    os.mkfifo(tmp_path / name)
    (tmp_path / "link.txt").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "circle.npy").symlink_to(tmp_path / "circle.npy")
    odd = [name, "link.txt", "folder.csv", "circle.npy", "a" * 5000 + ".txt", "a\0b.txt"]
    for path in odd:
        with pytest.raises(DataError, match=r"cannot be read \(.*\): give"):
            read_input(tmp_path / path)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.npy"])
def test_a_file_that_is_too_long_is_refused_unread_and_says_how_to_go_on(tmp_path, name):
    with (tmp_path / name).open("wb") as file:
        file.truncate(10**12)  # takes no room
    with pytest.raises(DataError, match=r"has 931.3 GiB, and at most \d+ [MG]iB are read: (give|save)"):
        read_input(tmp_path / name)


# Words and characters.


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("床前明月光,疑是", ["床", "前", "明", "月", "光", ",", "疑", "是"], "Chinese"),
        ("ことば ー カタ", ["こ", "と", "ば", "ー", "カ", "タ"], "Japanese"),
        ("ภาษา ไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย"], "Thai"),
        ("พี่", ["พี่"], "Thai"),  # a letter with two marks
        ("ភាសា", ["ភា", "សា"], "Khmer"),
        ("GRU 网络 v2", ["gru", "网", "络", "v2"], "Chinese"),
        ("한국어 문장", ["한국어", "문장"], ""),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"], ""),  # vowel signs are marks, and no ends of words
        ("cafe\u0301 crème", ["cafe\u0301", "crème"], ""),
        ("שָׁלוֹם", ["שָׁלוֹם"], ""),
        ("don't rock’n’roll 'so'", ["don't", "rock’n’roll", "'", "so", "'"], ""),
        ("a_b 3.14", ["a_b", "3", ".", "14"], ""),
        ("می\u200cخواهم", ["می\u200cخواهم"], ""),
    ],
)
def test_words_are_told_apart_as_their_script_does(text, words, said):
    found, notes = split_words(text)
    assert found == words
    assert any(said in note for note in notes) == bool(said)


@given(st.text(max_size=60))
def test_words_leave_out_nothing_but_space(text):
    words, _ = split_words(text)
    gone = "".join(words)
    left = [c for c in text.lower() if c not in gone]
    assert all(c.isspace() or not c.isprintable() for c in left)


def test_a_chinese_text_as_words_says_how_its_words_were_told_apart(tmp_path):
    (tmp_path / "诗.txt").write_text("床前明月光,疑是地上霜。举头望明月,低头思故乡。" * 3, encoding="utf-8")
    series = read_input(f"words:{tmp_path / '诗.txt'}")
    assert len(series.values) == 72
    assert any("each of its characters is taken for a word" in note for note in series.notes)


# The order of one-hot features.


def test_an_alphabet_gives_the_order_of_features(tmp_path):
    (tmp_path / "t.txt").write_text("abcab")
    for alphabet in (
        "cxba",
        ["c", "x", "b", "a"],
        tmp_path / "order.txt",
        str(tmp_path / "order.json"),
        tmp_path / "m.json",
    ):
        (tmp_path / "order.txt").write_text("cxba\n")
        (tmp_path / "order.json").write_text('["c", "x", "b", "a"]')
        (tmp_path / "m.json").write_text('{"a": 3, "b": 2, "x": 1, "c": 0}')
        series = read_input(tmp_path / "t.txt", alphabet)
        assert series.features == 4
        assert series.values.tolist() == [3, 2, 0, 3, 2]
        assert series.ordered
        assert "in the order given" in series.description
    assert series.digest != read_input(tmp_path / "t.txt").digest
    assert series.digest != read_input(tmp_path / "t.txt", "abcx").digest
    words = word_series("a b a", "t", "t", ["b", "z", "a"])
    assert words.values.tolist() == [2, 0, 2]


@given(st.text(alphabet="abcé\n床", min_size=2, max_size=30), st.permutations("abcé\n床"))
def test_the_features_of_a_text_under_an_alphabet_spell_the_text(text, order):
    if len(set(text)) > 1:
        series = text_series(text, "t", "t", order)
        assert "".join(order[k] for k in series.values) == text


@pytest.mark.parametrize(
    ("alphabet", "said"),
    [
        ("abc", "lacks, the commonest 'x' (2 times)"),
        ("abcxa", "'a' twice"),
        ("a", "fewer than two"),
        ("", "fewer than two"),
        (["ab", "c"], "'ab', and characters are read"),
        ("none.txt", "there is no file"),
        ({"json": "{"}, "not JSON"),
        ({"json": '{"a": 1}'}, "places 0, 1"),
        ({"json": "[1, 2]"}, "list of symbols"),
        ({"json": "[" * 10_000}, "not JSON"),
    ],
)
def test_an_alphabet_that_does_not_serve_is_refused(tmp_path, alphabet, said):
    (tmp_path / "t.txt").write_text("abcxx")
    if isinstance(alphabet, dict):
        (tmp_path / "a.json").write_text(alphabet["json"])
        alphabet = tmp_path / "a.json"
    with pytest.raises(DataError) as caught:
        read_input(tmp_path / "t.txt", alphabet)
    assert said in str(caught.value)


def test_an_alphabet_beside_numbers_or_noise_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("1,2\n2,3\n")
    for source in ("noise", tmp_path / "a.csv"):
        with pytest.raises(DataError, match="is no text"):
            read_input(source, "ab")
    assert read_alphabet(["a"]) == ["a"]


def test_values_whose_digest_is_written_down_cannot_be_changed(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.random.default_rng(0).normal(size=(40, 3)))
    series = read_input(path)
    with pytest.raises(ValueError, match="read-only"):
        series.values[0, 0] = 1.0
    series.windows(5, 2, 0)[...] = 0.0  # a copy
