package billing

import (
	"encoding/binary"
	"errors"
)

// Data per request is packed into bytes: a number takes as many bytes as it needs,
// and an id 16 in addition to its prefix. There may be millions of requests, and
// structs and strings would take three to four times as much memory. This file has
// the parts of the packed forms.

func packInt(b []byte, v int64) []byte { return binary.AppendVarint(b, v) }

func packUint[T ~uint64 | ~uint32 | ~int](b []byte, v T) []byte {
	return binary.AppendUvarint(b, uint64(v))
}

func packText(b []byte, s string) []byte { return append(packUint(b, len(s)), s...) }

// packID packs a string that is usually an id of NewID's.
func packID(b []byte, id string) []byte {
	prefix, u, ok := splitID(id)
	if !ok {
		return append(packUint(b, len(id)<<1), id...)
	}
	b = append(packUint(b, len(prefix)<<1|1), prefix...)
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, u.hi), u.lo)
}

// unpacker reads packed bytes from the start. Missing bytes read as zero and set failed.
type unpacker struct {
	rest   []byte
	failed bool
}

var errPacked = errors.New("packed data is damaged")

func (u *unpacker) int() int64 {
	v, n := binary.Varint(u.rest)
	u.skip(n)
	return v
}

func (u *unpacker) uint() uint64 {
	// Most numbers take one byte or two.
	if len(u.rest) > 0 && u.rest[0] < 0x80 {
		v := u.rest[0]
		u.rest = u.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(u.rest)
	u.skip(n)
	return v
}

// length reads the number of items that follow, each at least size bytes long.
func (u *unpacker) length(each int) int {
	n := u.uint()
	if n > uint64(len(u.rest)/each) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *unpacker) bytes(n int) []byte {
	if n > len(u.rest) {
		u.fail()
		return nil
	}
	b := u.rest[:n]
	u.rest = u.rest[n:]
	return b
}

func (u *unpacker) text() string { return string(u.bytes(u.length(1))) }

func (u *unpacker) id() string {
	n := u.uint()
	if n>>1 > uint64(len(u.rest)) {
		u.fail()
		return ""
	}
	text := u.bytes(int(n >> 1))
	raw := []byte(nil)
	if n&1 == 1 {
		raw = u.bytes(16)
	}
	if len(raw) < 16 {
		return string(text)
	}
	id := ulid{binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])}
	var room [64]byte // on the stack
	return string(id.append(append(append(room[:0], text...), idInfix...)))
}

func (u *unpacker) skip(n int) {
	if n <= 0 {
		u.fail()
		return
	}
	u.rest = u.rest[n:]
}

func (u *unpacker) fail() { u.rest, u.failed = nil, true }

// interned are values that many requests share, each of which is kept once.
type interned[T comparable] struct {
	all   []T
	index map[T]uint32
}

// of returns the index of a value, which it adds if it is new.
func (in *interned[T]) of(v T) uint32 {
	i, ok := in.index[v]
	if !ok {
		if in.index == nil {
			in.index = map[T]uint32{}
		}
		i = uint32(len(in.all))
		in.all, in.index[v] = append(in.all, v), i
	}
	return i
}
