"""What networks read: every source gives windows, and every source that cannot says why in one sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatedsym.flow.data import MAX_ALPHABET, DataError, read_input, shipped_text, text_series, white_noise


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
    monkeypatch.setattr("gatedsym.flow.data.MAX_ALPHABET", 3)
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
