"""What was received stays: journal, sealed segments, the order they were sealed in, and the layout for analysis."""

from commonshed.keep.block import SLAB, Block, BlockRef, block_key, read_block, write_block
from commonshed.keep.contents import Document
from commonshed.keep.journal import Journal
from commonshed.keep.log import Entry
from commonshed.keep.repacking import RepackReport
from commonshed.keep.rows import KEY, READINGS, conform, rows_digest
from commonshed.keep.sealing import SealReport, Source
from commonshed.keep.shed import Shed
from commonshed.keep.status import ShedStatus

__all__ = [
    "KEY",
    "READINGS",
    "SLAB",
    "Block",
    "BlockRef",
    "Document",
    "Entry",
    "Journal",
    "RepackReport",
    "SealReport",
    "Shed",
    "ShedStatus",
    "Source",
    "block_key",
    "conform",
    "read_block",
    "rows_digest",
    "write_block",
]
