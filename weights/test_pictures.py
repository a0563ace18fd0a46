"""Sanity of the drawn pictures: `python test_pictures.py`, a few seconds."""

import unittest
from pathlib import Path

import pictures

EXAMPLES = Path(__file__).parent.parent / "examples/pictures"


class Pictures(unittest.TestCase):
    def test_no_family_is_both_pretrained_on_and_an_example(self):
        self.assertEqual(set(pictures.PRETRAINING) & set(pictures.EXAMPLE), set())

    def test_the_examples_are_redrawn_byte_for_byte(self):
        for split_seed, (split, count) in enumerate(pictures.EXAMPLE_SPLITS.items()):
            for name in pictures.EXAMPLE:
                files = sorted((EXAMPLES / split / name).glob("*.jpg"))
                self.assertEqual(len(files), count)
                for index in (0, count - 1):
                    drawn = pictures.jpeg(pictures.EXAMPLE_SEED + split_seed, name, index)
                    self.assertEqual(drawn, files[index].read_bytes(), files[index])

    def test_the_examples_are_at_most_3_mb(self):
        self.assertLessEqual(sum(path.stat().st_size for path in EXAMPLES.rglob("*.jpg")), 3_000_000)

    def test_every_family_can_be_drawn(self):
        for name in pictures.ALL:
            self.assertGreater(len(pictures.jpeg(0, name, 0)), 1000, name)


if __name__ == "__main__":
    unittest.main()
