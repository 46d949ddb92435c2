package mockserver

import (
	"cmp"
	"encoding/base64"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
)

// page reads the parameters common to all lists.
func (c *call) page() (billing.PageParams, error) {
	q := c.r.URL.Query()
	limit, err := parseLimit(q.Get("limit"))
	if err != nil {
		return billing.PageParams{}, err
	}
	before, err := parseCursor(q.Get("cursor"))
	return billing.PageParams{Before: before, Limit: cmp.Or(limit, 10)}, err
}

// listBody is a page of a list on the wire.
type listBody[T any] struct {
	Data       []T    `json:"data"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor,omitzero"`
}

// list encodes a page of the engine.
func list[T, W any](page billing.Page[T], encode func(T) W) listBody[W] {
	body := listBody[W]{Data: make([]W, len(page.Items)), HasMore: page.Next != 0}
	for i, v := range page.Items {
		body.Data[i] = encode(v)
	}
	if page.Next != 0 {
		body.NextCursor = formatCursor(page.Next)
	}
	return body
}

func parseLimit(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 100 {
		return 0, billing.Invalid("limit", "%q is not a whole number from 1 to 100", s)
	}
	return n, nil
}

// A cursor is the position of the last item of a page, newest first. Clients must not interpret it, so it is encoded.
// Assumption paging.
func formatCursor(seq uint64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint(nil, seq, 36))
}

func parseCursor(s string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	seq, parseErr := strconv.ParseUint(string(raw), 36, 64)
	if err != nil || parseErr != nil || seq == 0 {
		return 0, billing.Invalid("cursor", "is not a next_cursor that a list returned")
	}
	return seq, nil
}
