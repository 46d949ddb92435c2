package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
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

// HashKey returns the hash by which a secret is known to the engine.
func HashKey(secret string) KeyHash { return sha256.Sum256([]byte(secret)) }

// MarshalText writes h in hexadecimal.
func (h KeyHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (h *KeyHash) UnmarshalText(b []byte) error {
	_, err := hex.Decode(h[:], b)
	return err
}

const idInfix = "_test_"

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID returns "<prefix>_test_" and a ULID. Which prefix there is for what is
// documented for some kinds only (assumption id-prefixes). The ULID has
// 48 bits of time, then 40 bits of the sequence, so that ids sort by creation,
// then 40 bits that differ from seed to seed. The mock is always in test mode.
func NewID(prefix string, now time.Time, seed, seq uint64) string {
	var raw [16]byte
	ms := uint64(now.UnixMilli())
	mix := scramble(seed + seq*0x9e3779b97f4a7c15)
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	for i := range 5 {
		raw[6+i] = byte(seq >> (32 - 8*i))
		raw[11+i] = byte(mix >> (32 - 8*i))
	}
	var room [64]byte // on the stack
	id := append(append(room[:0], prefix...), idInfix...)
	// 128 bits in 26 digits of 5 bits: the first digit has only three bits.
	acc, bits := uint(0), 2
	for _, b := range raw {
		acc = acc<<8 | uint(b)
		for bits += 8; bits >= 5; bits -= 5 {
			id = append(id, crockford[acc>>(bits-5)&31])
		}
		acc &= 1<<bits - 1
	}
	return string(id)
}

// isIssued reports whether NewID makes an id of this prefix with a seed.
func isIssued(prefix, id string, seed uint64) bool {
	digits, ok := strings.CutPrefix(id, prefix+idInfix)
	if !ok || len(digits) != 26 {
		return false
	}
	raw := new(big.Int)
	for i := range digits {
		d := strings.IndexByte(crockford, digits[i])
		if d < 0 {
			return false
		}
		raw.Add(raw.Lsh(raw, 5), big.NewInt(int64(d)))
	}
	seq := new(big.Int).Rsh(raw, 40).Uint64() & (1<<40 - 1)
	ms := new(big.Int).Rsh(raw, 80).Uint64()
	return ms < 1<<48 && id == NewID(prefix, time.UnixMilli(int64(ms)), seed, seq)
}

// scramble is the finalizer of SplitMix64: a bijection that looks random.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
