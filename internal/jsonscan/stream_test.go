package jsonscan_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

func TestStream(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		want  []string
		whole bool
	}{
		{"{\"a\":1}\n{\"b\":\"]\"}", []string{`{"a":1}`, `{"b":"]"}`}, false},
		{" [1,\r\n{\"b\":[2]}\n] ", []string{"1", `{"b":[2]}`}, true},
		{"[]", nil, true},
		{"", nil, false},
	} {
		s := jsonscan.NewStream(iotest.OneByteReader(strings.NewReader(test.text)), 100)
		var got []string
		value, whole, err := s.Next()
		for ; err == nil; value, whole, err = s.Next() {
			got = append(got, string(value))
		}
		require.ErrorIs(t, err, io.EOF, test.text)
		assert.Equal(t, test.want, got)
		assert.Equal(t, test.whole, whole, test.text)
	}
	s := jsonscan.NewStream(strings.NewReader(`["`+strings.Repeat("x", 5000)+`"]`), 100)
	_, _, err := s.Next()
	require.ErrorIs(t, err, jsonscan.ErrTooLong)
}
