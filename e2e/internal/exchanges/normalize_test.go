package exchanges

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNormalizer(t *testing.T) {
	t.Parallel()
	token := base64.StdEncoding.EncodeToString([]byte(`{"secret_key":"aks_test_Ab-_0123456789abcdef","customer_id":"con_test_0123456789abcd"}`))
	for _, test := range []struct{ name, text, want string }{
		{"ids are numbered in order of appearance", "con_test_0123456789abcd req_test_0123456789abcd con_test_0123456789abce con_test_0123456789abcd",
			"con_test_1 req_test_1 con_test_2 con_test_1"},
		{"ids chosen by a test", "con_none sc_test_1 user-1", "con_none sc_test_1 user-1"},
		{"words", `"cache_creation_input_tokens" gpt-4o-mini-2024-07-18`, `"cache_creation_input_tokens" gpt-4o-mini-2024-07-18`},
		{"times and days", "2026-01-31T10:00:00.123Z 2026-01-31", "<time> <day>"},
		{"ports", "http://127.0.0.1:4000/v1 http%3A%2F%2Flocalhost%3A4000", "http://127.0.0.1:<port>/v1 http%3A%2F%2Flocalhost%3A<port>"},
		{"forward tokens", "Bearer " + token, `Bearer base64 of {"secret_key":"aks_test_1","customer_id":"con_test_1"}`},
		{"slugs of meters", `{"meter_slug":"chat-tokens-9k3pmy"} chat-tokens-9k3pmy`, `{"meter_slug":"chat-tokens-1"} chat-tokens-1`},
		{"ids without a prefix", `{"responseId":"DPE75WLYjwUMGWrOBu30Xgqq"} call_DPE75WLYjwUMGWrOBu30Xgqq_1`, `{"responseId":"1"} call_1`},
		{"Unix times", `{"created":1795864937,"created_at":1795864937,"created":0}`, `{"created":<seconds>,"created_at":<seconds>,"created":0}`},
		{"UUIDs", "01234567-89ab-cdef-0123-456789abcdef", "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, newNormalizer().text(test.text))
		})
	}
}
