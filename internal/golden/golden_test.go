package golden

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want, got, says string }{
		{"another line", "a\nb\n", "a\nc\n", "f:2\nwant \"b\\n\"\ngot  \"c\\n\""},
		{"a missing line", "a\nb", "a\n", "f:2\nwant \"b\"\ngot  \"\""},
		{"nothing", "a", "", "f:1\nwant \"a\"\ngot  \"\""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.says, difference("f", test.want, test.got))
		})
	}
}
