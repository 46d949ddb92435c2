package mockserver

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/billing"
)

var snapshotVerbs = []verb{
	{"snapshot.get", "snapshot", "GET", "snapshot", "Snapshot", "returns the server's state as JSON, without what is stored at fake providers", "> state.json", with(getSnapshot)},
	{"snapshot.restore", "restore", "POST", "snapshot", "Restore", "replaces the server's state with a snapshot", "@state.json", with(postSnapshot)},
}

func getSnapshot(c *controlCall, _ none) (json.RawMessage, error) { return c.server.Snapshot() }

type restoreInput struct {
	Snapshot wholeBody `json:"snapshot" positional:"true" about:"what snapshot.get returned"`
}

func postSnapshot(c *controlCall, in restoreInput) (clockBody, error) {
	if err := c.server.Restore(in.Snapshot); err != nil {
		return clockBody{}, billing.Errorf(billing.CodeInvalidRequest, "", "%v", err)
	}
	return c.clockBody(c.server.Now()), nil
}
