package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Object is what everything with an id has.
type Object struct {
	ID        string
	Seq       uint64 // the place in the order of creation; unique within an engine
	CreatedAt time.Time
}

func (o *Object) object() *Object { return o }

// KeyHash is the SHA-256 of a secret. Secrets that only need to be recognized
// are kept and compared as hashes.
type KeyHash [sha256.Size]byte

// HashKey returns the hash by which the engine knows a secret.
func HashKey(secret string) KeyHash {
	var room [96]byte // on the stack: each request hashes a key, and keys fit
	return sha256.Sum256(append(room[:0], secret...))
}

// MarshalText writes h in hexadecimal.
func (h KeyHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (h *KeyHash) UnmarshalText(b []byte) error {
	_, err := hex.Decode(h[:], b)
	return err
}

const idInfix = "_test_"

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID returns "<prefix>_test_" and a ULID. Lava documents the prefixes of
// some kinds only (assumption id-prefixes). The ULID has 48 bits of time, then
// 40 bits of the sequence, so that ids sort by creation, then 40 bits that
// differ from seed to seed. The mock is always in test mode.
func NewID(prefix string, now time.Time, seed, seq uint64) string {
	mix := scramble(seed + seq*0x9e3779b97f4a7c15)
	u := ulid{uint64(now.UnixMilli())<<16 | seq>>24&0xffff, seq<<40 | mix&(1<<40-1)}
	var room [64]byte // on the stack
	return string(u.append(append(append(room[:0], prefix...), idInfix...)))
}

// ulid is the 128 bits at the end of an id.
type ulid struct{ hi, lo uint64 }

// append appends 26 digits of 5 bits. The first digit has only three.
func (u ulid) append(b []byte) []byte {
	for shift := 125; shift >= 0; shift -= 5 {
		var digit uint64
		if shift >= 64 {
			digit = u.hi >> (shift - 64)
		} else {
			digit = u.lo>>shift | u.hi<<(64-shift)
		}
		b = append(b, crockford[digit&31])
	}
	return b
}

// crockfordDigits are the digits by character, -1 for others. Searching for each took a tenth of a renewal, whose
// ledger entries contain an id.
var crockfordDigits = func() (digits [256]int8) {
	for c := range digits {
		digits[c] = int8(strings.IndexByte(crockford, byte(c)))
	}
	return digits
}()

// splitID is the reverse of NewID, for an id of any prefix.
func splitID(id string) (prefix string, u ulid, ok bool) {
	at := len(id) - 26
	if at < len(idInfix) || id[at-len(idInfix):at] != idInfix || id[at] > '7' {
		return "", ulid{}, false
	}
	for i := at; i < len(id); i++ {
		digit := crockfordDigits[id[i]]
		if digit < 0 {
			return "", ulid{}, false
		}
		u.hi, u.lo = u.hi<<5|u.lo>>59, u.lo<<5|uint64(digit)
	}
	return id[:at-len(idInfix)], u, true
}

// isIssued reports whether id is one that NewID returns for this prefix and seed.
func isIssued(prefix, id string, seed uint64) bool {
	p, u, ok := splitID(id)
	return ok && p == prefix && id == NewID(prefix, time.UnixMilli(int64(u.hi>>16)), seed, (u.hi&0xffff)<<24|u.lo>>40)
}

// scramble is the finalizer of SplitMix64: a bijection that looks random.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
