"""Gives copies in a stopped garden's catalog made-up names, and tells of them in its change feed as of what they are called. usage: name_repositories.py catalog.db feed names N
feed: states of the catalog's feed as `Index convert` writes them, each with its length before it. names: the names of N of them, from all over the catalog, are written there."""
import sqlite3
import sys

database, feed, names, sample = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
TYPE = b"type.googleapis.com/modelgarden.v1.Repository"


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def states():
    with open(feed, "rb") as file:
        while head := file.read(1):
            length, shift = head[0] & 127, 7
            while head[0] > 127:
                head = file.read(1)
                length |= (head[0] & 127) << shift
                shift += 7
            yield file.read(length)


def name_of(state):
    # Fields are written in their order: id, of 32 digits, then name, shorter than 128 bytes.
    assert state[0] == 0x0A and state[1] == 32 and state[34] == 0x12 and state[35] < 128, state[:40]
    return state[36:36 + state[35]].decode()


def rows():
    for number, state in enumerate(states(), 1):
        identity, name = f"{number:032x}", name_of(state)
        # Of a field that is there twice the last counts.
        yield number, identity, name, field(1, TYPE) + field(2, state + field(1, identity.encode()))


connection = sqlite3.connect(database, isolation_level=None)
connection.execute("PRAGMA synchronous = OFF")
connection.execute("PRAGMA cache_size = -500000")
connection.execute("BEGIN")
(value,) = connection.execute("SELECT value FROM change_counter").fetchone()
count = 0
chosen = []
for number, identity, name, state in rows():
    count = number
    connection.execute("UPDATE repositories SET name = ?, key = ?, owner = ? WHERE id = ?", (name, name.lower(), name.split("/")[0].lower(), identity))
    connection.execute("INSERT INTO changes (key, sequence, state, at) VALUES (?, ?, ?, 0)", (f"repository/{identity}", value + number, state))
    chosen.append(name)
connection.execute("UPDATE change_counter SET value = ?", (value + count,))
connection.execute("COMMIT")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
step = max(1, count // sample)
with open(names, "w") as file:
    file.write("\n".join(chosen[::step][:sample]) + "\n")
