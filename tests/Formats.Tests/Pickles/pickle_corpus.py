"""Writes pickles that Python's own unpicklers follow to an import of os.system, by ways that no pickler goes.

    pickle_corpus.py FILE SEED COUNT     writes COUNT pickles, each behind its length in four bytes

Opcodes are put together by chance, oddly spelled, broken behind the import; kept is what one of the two unpicklers, that in C or that in Python, follows
until it asks for os.system. Nothing is imported and nothing is called.
"""
import io
import pickle
import random
import struct
import sys


class Asked(Exception):
    pass


def watching(base):
    class Watching(base):
        def find_class(self, module, name):
            if (module, name) == ("os", "system"):
                raise Asked()
            return lambda *arguments: None

        def persistent_load(self, id):
            return id

    return Watching


UNPICKLERS = [watching(pickle.Unpickler), watching(pickle._Unpickler)]


def asks(data):
    for kind in UNPICKLERS:
        stream = io.BytesIO(data)
        try:
            # A loader may load again.
            for _ in range(3):
                kind(stream).load()
        except Asked:
            return True
        except Exception:
            pass
    return False


def numeral(dice):
    return dice.choice([b"1", b"0x1f", b" 7", b"7 ", b"1_0", b"+3", b"-0", b"00", b"01", b"0b1", b"0o7", b"1\0x", b"007", b"\t2", b"9" * 30])


def real(dice):
    return dice.choice([b"1.5", b"nan", b"NaN", b"inf", b"-inf", b"infinity", b"1e5", b".5", b"5.", b"1\0z", b"+1", b"INF\0"])


def line(dice):
    return dice.choice([b"", b"a", b"text with spaces", b"\\u0041", b"\xff\xfe", b"x" * dice.randrange(300), b"'", b'"'])


def step(dice):
    kind = dice.randrange(22)
    if kind == 0:
        return b"I" + numeral(dice) + b"\n0"
    if kind == 1:
        return b"L" + numeral(dice) + dice.choice([b"", b"L"]) + b"\n0"
    if kind == 2:
        return b"F" + real(dice) + b"\n0"
    if kind == 3:
        return b"V" + line(dice) + b"\n" + dice.choice([b"0", b"", b"20"])
    if kind == 4:
        return b"S" + dice.choice([b"'a'", b'"b"', b"'\\x41'", b"''"]) + b"\n0"
    if kind == 5:
        return dice.choice([b"(0", b"(1", b"((11", b"(N1", b"(lN0a0", b"(t0", b"(d0"])
    if kind == 6:
        return b"Np" + numeral(dice) + b"\n" + dice.choice([b"0", b""])
    if kind == 7:
        return b"Nq\x05h\x050" + dice.choice([b"0", b""])
    if kind == 8:
        return dice.choice([b"N", b"N0", b"]", b"})", b"\x88\x89", b")0"])
    if kind == 9:
        body = dice.randbytes(dice.randrange(60))
        return dice.choice([b"U", b"C"]) + bytes([len(body)]) + body + b"0" if all(byte < 128 for byte in body) or dice.random() < 0.5 else b"N0"
    if kind == 10:
        body = dice.randbytes(dice.randrange(400))
        return b"B" + struct.pack("<I", len(body)) + body + b"0"
    if kind == 11:
        return b"X\x03\0\0\0abc0"
    if kind == 12:
        return bytes([0x80, dice.randrange(6)])
    if kind == 13:
        return b"\x95" + struct.pack("<Q", dice.randrange(3))
    if kind == 14:
        return b"N\x940"
    if kind == 15:
        return b"G" + dice.randbytes(8) + dice.choice([b"0", b""])
    if kind == 16:
        return b"J" + dice.randbytes(4) + b"0K" + dice.randbytes(1) + b"M" + dice.randbytes(2)
    if kind == 17:
        return b"\x8a\x02\xff\x7f0\x8b\x01\0\0\0\x050"
    if kind == 18:
        return dice.choice([b"N.", b"I1\n.", b"].", b"."])
    if kind == 19:
        return dice.choice([b"cfoo\nbar\n0", b"ccollections\nOrderedDict\n)R0", b"(ifoo\nbar\n0", b"(cfoo\nbar\no0", b"cfoo\nbar\n)\x810"])
    if kind == 20:
        return dice.choice([b"Pany thing\n0", b"NQ0", b"NNN\x870", b"\x8f0", b"\x8f(N\x900", b"(N\x910", b"](NNe0", b"}(NNu0", b"}NNs0"])
    return b"2" + dice.choice([b"0", b""])


def payload(dice):
    return dice.choice([
        b"cos\nsystem\n(S'x'\ntR.", b"(S'x'\nios\nsystem\n.", b"(cos\nsystem\nS'x'\no.", b"\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.", b"Vos\nVsystem\n\x93)R.",
        b"S'os'\nS'system'\n\x93)R.", b"V\\u006fs\nV\\u0073ystem\n\x93)R.", b"X\x02\0\0\0osX\x06\0\0\0system\x93)\x81.", b"cos\nsystem\n)R" + dice.randbytes(5),
        b"Vos\np7\n0Vsystem\nq\x090g7\nh\x09\x93)R.", b"cos\nsystem\n)}\x92."])


def main(path, seed, count):
    dice = random.Random(seed)
    written = 0
    with open(path, "wb") as file:
        while written < count:
            begin = dice.choice([b"", b"", b"\x80\x02", b"\x80\x04", b"\x80\x05"])
            data = begin + b"".join(step(dice) for _ in range(dice.choice([0, 1, 1, 2, 3, 5, 9]))) + payload(dice)
            if asks(data):
                file.write(struct.pack("<I", len(data)) + data)
                written += 1


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
