package mockserver_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var rawMethods = methods{
	"Do": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			var raw json.RawMessage
			if err := c.Do(t.Context(), "GET", "customers/user_42?expand=all", nil, &raw); err != nil {
				return err
			}
			require.Contains(t, string(raw), s.customer)
			return nil
		},
	},
}
