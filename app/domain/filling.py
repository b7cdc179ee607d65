"""A cube made from days in any order, in the memory that the cube itself takes."""

import numpy as np

from app.domain.cube import BLOCK, Block, Bytes, Cube, DayRows, Ints


class Filling:
    """Takes days, one after the other, and becomes a cube."""

    def __init__(self, width: int) -> None:
        """Begin with nothing of so many series."""
        self._width = width
        self._blocks: dict[int, tuple[Ints, Bytes]] = {}

    def add(self, day: int, rows: DayRows) -> None:
        """Take what is listed on a day.

        Args:
            day: As an ordinal; each is told once.
            rows: What is listed on it.
        """
        number, offset = divmod(day, BLOCK)
        if number not in self._blocks:
            shape = (BLOCK, self._width)
            self._blocks[number] = np.zeros(shape, np.int64), np.zeros(shape, np.uint8)
        volumes, listed = self._blocks[number]
        volumes[offset, rows.columns] = rows.volumes
        listed[offset, rows.columns] = 1

    def cube(self) -> Cube:
        """Return the cube; nothing can be added afterwards."""
        blocks = {}
        while self._blocks:
            number, (volumes, listed) = self._blocks.popitem()
            blocks[number] = Block.of(volumes, listed)
        return Cube.of_blocks(blocks, self._width)
