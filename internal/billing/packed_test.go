package billing

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An id chosen by an application comes back unchanged, even if it looks like one of ours.
func TestIDsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	issued := NewID("req", date(2026, 1, 31), 7, 1<<40-1)
	for _, id := range []string{
		issued, "", "order-1", "req_test_", "_test_00000000000000000000000000", "req_test_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"req_test_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", // more than 128 bits
		strings.ToLower(issued), issued + "0", issued[:len(issued)-1], strings.Replace(issued, "0", "O", 1), "é" + issued, "a_test_b" + issued,
	} {
		b := packID([]byte("before"), id)
		u := unpacker{rest: b[len("before"):]}
		require.Equal(t, id, u.id())
		require.Empty(t, u.rest)
		require.False(t, u.failed)
		for cut := range len(b) - len("before") {
			u := unpacker{rest: b[len("before"):][:cut]}
			u.id()
			require.True(t, u.failed, "%q cut to %d bytes", id, cut)
		}
	}
	require.Less(t, len(packID(nil, issued)), len(issued)-10)
}

// Requests come back complete, and a truncated one is rejected.
func TestARequestComesBackWhole(t *testing.T) {
	t.Parallel()
	meter := &Meter{Object: Object{ID: "prd_1"}, RateType: Percentage, Unit: Minutes}
	whole := Request{
		Object: Object{ID: NewID("req", date(2026, 1, 31), 7, 3), Seq: 9, CreatedAt: date(2026, 1, 31).Add(time.Millisecond)},
		Status: RequestError, CustomerID: "con_1", MeterID: "prd_1",
		Source:     Source{Provider: "openai", Model: "gpt-4o", Endpoint: "POST https://api.openai.com/v1/audio/speech", KeyType: KeyManaged},
		ResponseID: "resp-1", Usage: Usage{1, 2, 3, maxCount, 5, maxDuration}, InputCost: MaxAmount, OutputCost: 7,
		Charge:   Charge{Amount: 8, RateType: Percentage, Unit: Minutes, Breakdown: []ChargeRow{{Tier{0, 1}, 2, 3}, {Tier{4, MaxAmount}, 5, 6}}},
		Metadata: []Pair{{"a", "b"}, {"c", "é"}},
	}
	for name, r := range map[string]struct {
		Request
		*Meter
	}{
		"everything": {whole, meter},
		"nothing":    {Request{Object: Object{CreatedAt: date(1970, 1, 1)}, Status: RequestCompleted, Charge: Charge{RateType: Fixed}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l requestLog
			l.add(&r.Request, r.Meter)
			require.Equal(t, r.Request, l.request(0))
			packed := l.chunks[0].packed
			require.NoError(t, new(requestLog).restore(packed, &l, func(got *Request) error {
				require.Equal(t, r.Request, *got)
				return nil
			}))
			for cut := 1; cut < len(packed); cut++ {
				err := new(requestLog).restore(packed[:cut], &l, func(*Request) error { return nil })
				require.ErrorIs(t, err, errPacked, "cut to %d of %d bytes", cut, len(packed))
			}
			require.NoError(t, new(requestLog).restore(bytes.Repeat(packed, 2), &l, func(*Request) error { return nil }))
		})
	}
}

// Intermediate sums are exact beyond the range of an Amount.
func TestWideSums(t *testing.T) {
	t.Parallel()
	var up, down wide
	for range 1000 {
		up, down = up.plus(MaxAmount), down.plus(-MaxAmount)
	}
	require.Equal(t, maxSum, up.minus(wide{}))
	require.Equal(t, -maxSum, down.minus(wide{}))
	require.Equal(t, Amount(7), up.plus(7).minus(up))
	require.Equal(t, Amount(-7), up.minus(up.plus(7)))
	require.Equal(t, maxSum, up.minus(down))
}
