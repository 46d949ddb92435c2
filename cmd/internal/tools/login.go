package tools

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type loginArgs struct {
	Again bool `json:"again,omitzero" jsonschema:"log in again although an account is logged in, to use another account or to replace a key that stopped working; the keys of the previous login are revoked"`
}

func addLogin(t toolbox) {
	addHandler(t, tool{
		name:  "login",
		title: "Log in to Lava",
		description: "Log in to Lava. Opens Lava's page in the person's browser and waits until they approve. If no browser can be opened, " +
			"or the person takes too long, the status is waiting: show login_url to the person, then call login again, without arguments. " +
			"If a person is already logged in, this only reports it. Also creates a spend key for prompts. The keys are stored for later sessions and never shown.",
		effect: effect{idempotent: true, openWorld: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, in loginArgs) (*mcp.CallToolResult, Login, error) {
		login, err := t.account.Login(ctx, in.Again, reportProgress(ctx, req))
		if err != nil {
			return nil, Login{}, err
		}
		if login.Status == Waiting {
			return say("Not logged in yet. The person must open this address and approve there:  " + login.LoginURL +
				"\nThen call login again, without arguments."), login, nil
		}
		return say(fmt.Sprintf("Logged in at %s. The secret key is stored in %s.", login.APIURL, login.KeyFrom)), login, nil
	})
}

// reportProgress returns a function that tells a client that a call is still in progress, if the client asked for
// that.
func reportProgress(ctx context.Context, req *mcp.CallToolRequest) func(message string) {
	token := req.Params.GetProgressToken()
	if token == nil {
		return func(string) {}
	}
	step := 0.0
	return func(message string) {
		step++
		// A client that has disconnected needs no progress.
		_ = req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: step, Message: message})
	}
}
