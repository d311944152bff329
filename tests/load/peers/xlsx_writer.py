"""The peer of an Excel report: the same rows and columns by XlsxWriter in constant_memory mode.

Reads by a server-side cursor and writes typed cells with a date format, a bold frozen heading, column widths and an
autofilter, as the product does. Prints what it took as JSON; the seconds are those of reading and writing alone.
"""

import asyncio
import json
import os
import resource
import sys
import time
from datetime import UTC

import asyncpg
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

COLUMNS = (
    "id, user_name, computer_name, account, region, state, running_mode, compute_type, root_volume_gib, "
    "user_volume_gib, root_encrypted, last_connected_at"
)
QUERY = f"SELECT {COLUMNS} FROM ask_workspaces WHERE account = 'Bench' AND gone_at IS NULL ORDER BY user_name, id"
ROWS_A_FETCH = 2000


async def write(path: str) -> int:
    """Writes the file and answers how many rows it has."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    # The type of a cell is known from the column, so the generic `write`, which guesses it, is not paid for.
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Desktops")
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    names = COLUMNS.split(", ")
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.set_column(column, column, 24)
        sheet.write_string(0, column, name, bold)
    row = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(QUERY)
        while records := await cursor.fetch(ROWS_A_FETCH):
            row = _write_rows(sheet, row, records, moment)
    sheet.autofilter(0, 0, row, len(names) - 1)
    book.close()
    await connection.close()
    return row


def _write_rows(sheet: Worksheet, row: int, records: list[asyncpg.Record], moment: Format) -> int:
    """Writes the records below `row` and answers which row is the last one."""
    for record in records:
        row += 1
        for column in range(8):
            value = record[column]
            if value is not None:
                sheet.write_string(row, column, value)
        sheet.write_number(row, 8, record[8])
        sheet.write_number(row, 9, record[9])
        sheet.write_boolean(row, 10, record[10])
        sheet.write_datetime(row, 11, record[11].astimezone(UTC).replace(tzinfo=None), moment)
    return row


def main() -> None:
    begin = time.perf_counter()
    rows = asyncio.run(write(sys.argv[1]))
    seconds = time.perf_counter() - begin
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mib": peak_mib}))


if __name__ == "__main__":
    main()
