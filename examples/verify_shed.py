#!/usr/bin/env python3
r"""Verify a shed of Commonshed, or a proof of one reading, with nothing but Python (3.8 or newer).

    verify_shed.py SHED [--key KEY] [--rows FOLDER] [--reading STATION QUANTITY START]
    verify_shed.py PROOF.json --key KEY

KEY looks like commonshed/…+0a1b2c3d+AQ…; without it the shed's own is taken. FOLDER holds the rows as text, made by
`commonshed shed rows`, for Python alone cannot read Parquet. START is in UTC seconds. Ends with 1 when anything is
wrong. Written from docs/formats/readings.md, log.md and proof.md alone.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
PLAIN = {"t": "\t", "n": "\n", "\\": "\\"}
D, BASE = -121665 * pow(121666, -1, P) % P, 4 * pow(5, -1, P) % P  # Ed25519: RFC 8032, section 5.1


def add(p, q):
    k = D * p[0] * q[0] * p[1] * q[1]
    x, y = p[0] * q[1] + q[0] * p[1], p[1] * q[1] + p[0] * q[0]
    return x * pow(1 + k, -1, P) % P, y * pow(1 - k, -1, P) % P


def times(n, p):
    return add(times(n >> 1, add(p, p)), p if n & 1 else (0, 1)) if n else (0, 1)


def point(content):
    odd, y = divmod(int.from_bytes(content, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if len(content) != 32 or y >= P or x * x % P != square or (x == 0 and odd):
        raise ValueError("a signature or key is no point of the curve")
    return (P - x if x % 2 != odd else x), y


def signed(public, message, signature):
    s, k = int.from_bytes(signature[32:], "little"), hashlib.sha512(signature[:32] + public + message).digest()
    right = add(point(signature[:32]), times(int.from_bytes(k, "little") % ORDER, point(public)))
    return len(signature) == 64 and s < ORDER and times(s, point(BASE.to_bytes(32, "little"))) == right


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(hashes):  # RFC 6962, section 2.1
    while len(hashes) > 1:
        odd = hashes[len(hashes) & ~1 :]
        hashes = [sha(b"\1", *hashes[at : at + 2]) for at in range(0, len(hashes) - 1, 2)] + odd
    return hashes[0] if hashes else sha()


def climb(found, index, size, path):
    """The root that a path leads to; None where it is no path of such a leaf."""
    last = size - 1 if 0 <= index < size else -1
    for step in map(bytes.fromhex, path):
        if last <= 0:
            return None
        right = index & 1 or index == last
        found = sha(b"\1", step, found) if right else sha(b"\1", found, step)
        while right and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def checkpoint(note, keys):
    """Origin, size and root of a signed note that one of the keys has signed."""
    text, _, below = note.rpartition("\n\n")
    origin, size, digest = text.split("\n")[:3]
    for name, identity, content in (key.strip().split("+", 2) for key in keys):
        kind, own = base64.b64decode(content), bytes.fromhex(identity)
        known = hashlib.sha256(name.encode() + b"\n" + kind).digest()[:4] == own and kind[0] == 1 and name == origin
        for line in below.split("\n"):
            value = base64.b64decode(line.rpartition(" ")[2])
            if known and value[:4] == own and signed(kind[1:], (text + "\n").encode(), value[4:]):
                return origin, int(size), base64.b64decode(digest)
    raise ValueError("the checkpoint is not signed with the key")


# ── Rows as text: docs/formats/readings.md ──
def rows_of(text):
    """Rows of chunks, in order: key, ticks, qualifier and flag."""
    for line in text.split("\n")[:-1]:
        fields = [re.sub(r"\\([tn\\])", lambda two: PLAIN[two[1]], field) for field in line.split("\t")]
        if len(fields) == 3:
            header = fields[1:]
        else:
            yield (*header, fields[0], int(fields[1]), int(fields[2])), int(fields[3]), fields[4], fields[5]


# ── A proof: docs/formats/proof.md; changes of key are not followed ──
def verify_proof(proof, keys):
    origin, size, top = checkpoint(proof["checkpoint"], keys)
    key = tuple(proof["reading"][name] for name in ("station", "quantity", "statistic", "start", "period"))
    versions, closed = [], {}
    for segment in proof["segments"]:
        at, entry, rows = segment["position"], json.loads(segment["entry"]), []
        if climb(sha(b"\0", segment["entry"].encode()), at, size, segment["path"]) != top or entry["kind"] != "segment":
            raise ValueError(f"entry {at} is not in the log")
        for number, chunk in enumerate(segment["chunks"], segment["chunks"][0]["index"]):
            found = climb(sha(b"\0", chunk["text"].encode()), number, segment["leaves"], chunk["path"])
            if number != chunk["index"] or found != bytes.fromhex(entry["digest"]):
                raise ValueError(f"chunk {number} is not in entry {at}")
            rows += rows_of(chunk["text"])
        here, keys = [(at, *row[1:]) for row in rows if row[0] == key], [key, *(row[0] for row in rows)]
        asked, *orders = [(*map(str.encode, each[:3]), *each[3:]) for each in keys]
        before = segment["chunks"][0]["index"] == 0 or orders[0] < asked
        behind = number == segment["leaves"] - 1 or asked < orders[-1]
        closed[at] = orders == sorted(orders) and ((before and behind) or (here and entry["distinct"] is True))
        versions += here
    for at, ticks, qualifier, flag in versions:
        print(f"proved: entry {at} of {origin} holds {key}: {qualifier} {ticks} x {proof['resolution']}, {flag}")
    later = dict(enumerate(proof["later"]["entries"], at + 1)) if proof["later"] else {}
    stack = [bytes.fromhex(peak) for peak in proof["later"]["peaks"]] if proof["later"] else []
    for number, text in later.items():
        entry, found, bits = json.loads(text), sha(b"\0", text.encode()), number
        if entry["kind"] == "segment" and entry["first"] <= key[3] <= entry["last"] and key[1] in entry["quantities"]:
            closed[at] = closed[at] and closed.get(number)
        while bits & 1:
            found, bits = sha(b"\1", stack.pop(), found), bits >> 1
        stack.append(found)
    whole = at + 1 + len(later) == size and len(stack) == bin(size).count("1")
    while len(stack) > 1:
        stack[-2:] = [sha(b"\1", *stack[-2:])]
    shown = whole and stack == [top] and closed[at] and list(closed) == sorted(closed)
    if not versions or (proof["later"] and not shown):
        raise ValueError("the reading is not in it, or it is not shown that nothing later changes it")
    print(f"{'proved' if shown else 'NOT proved'}: nothing later among the {size} entries signed changes it")


# ── A shed: docs/formats/log.md and readings.md ──
def tile(shed, level, number, width):
    *groups, last = re.findall("...", str(number).zfill(-(-len(str(number)) // 3) * 3))
    path = Path(shed, "log/tile", str(level), *("x" + group for group in groups), last)
    part = path.with_name(f"{path.name}.p") / str(width)
    return (part if width < 256 and part.exists() else path).read_bytes()


def verify_shed(shed, keys, rows=None, wanted=None):
    """Yield what is not as the log says; print the reading that is wanted."""
    origin, size, top = checkpoint((shed / "log/checkpoint").read_bytes().decode("utf-8"), keys)
    texts, packs, named = [], {}, []
    for number in range(-(-size // 256)):
        content = tile(shed, "entries", number, min(size - number * 256, 256))
        for _ in range(min(size - number * 256, 256)):
            length = 2 + int.from_bytes(content[:2], "big")
            texts.append(content[2:length])
            content = content[length:]
    hashes, level = [sha(b"\0", text) for text in texts], 0
    if root(hashes) != top:
        raise ValueError("the entries of the log do not make the root that is signed")
    while hashes:
        for at in range(0, len(hashes), 256):
            if not tile(shed, level, at // 256, min(len(hashes) - at, 256)).startswith(b"".join(hashes[at : at + 256])):
                yield f"log/tile/{level}: tile {at // 256} is not that of the entries"
        hashes, level = [root(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)], level + 1
    for at, entry in enumerate(entries := list(map(json.loads, texts))):
        for number in [at] if entry["kind"] == "segment" else [pair[0] for pair in entry.get("segments", ())]:
            packs[number] = entry["pack"]  # a repacking says where segments lie from then on
        if "file" in entry:
            place = "statements/" if entry["kind"] in ("statement", "erratum") else "places/"
            named.append((at, place + entry["file"], entry["digest"]))
    for at, name, digest in named + [(at, f"segments/{pack['path']}", pack["digest"]) for at, pack in packs.items()]:
        if not (shed / name).exists() or hashlib.sha256((shed / name).read_bytes()).hexdigest() != digest:
            yield f"{name}: gone or changed; entry {at} names it"
    for at in packs if rows else ():
        text = "\n" + Path(rows[0], f"{at}.txt").read_bytes().decode("utf-8")[:-1]
        chunks = [f"commonshed-rows/1\t{chunk}\n" for chunk in text.split("\ncommonshed-rows/1\t")[1:]]
        if root([sha(b"\0", chunk.encode()) for chunk in chunks]).hex() != entries[at]["digest"]:
            yield f"{at}.txt: not the rows that entry {at} says"
        for key, *said in (row for chunk in chunks if wanted and wanted[0] in chunk[:99] for row in rows_of(chunk)):
            if [key[0], key[1], str(key[3])] == wanted[:3]:
                print(f"entry {at} holds {key}: ticks, qualifier, flag are {said}")
    print(f"compared: {origin}, {size} entries, {len(packs)} segments, {len(named)} documents")


def main(words):
    path, after = Path(words[0]), {word: words[at + 1 :] for at, word in enumerate(words) if word.startswith("--")}
    try:
        keys = after["--key"][:1] if "--key" in after else (path / "keys/node.pub").read_text("utf-8").splitlines()
        if path.is_file():
            return verify_proof(json.loads(path.read_text("utf-8")), keys)
        wrong = list(verify_shed(path, keys, after.get("--rows"), after.get("--reading")))
    except Exception as error:  # whatever breaks on the way: nothing is shown
        wrong = [f"{path}: {error!r}"]
    print("\n".join(f"WRONG: {each}" for each in wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
