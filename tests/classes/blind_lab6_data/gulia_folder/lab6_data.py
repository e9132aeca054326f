from data.digits import DigitCSV
from data.loading import batches, split
from data import transforms
from stats import channel_stats

add_mult = transforms.add_mult
compose = transforms.compose

__all__ = ["DigitCSV", "add_mult", "compose", "batches", "split", "channel_stats"]
