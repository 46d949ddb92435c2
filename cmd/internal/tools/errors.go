package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/lavapayments/lava-go"
)

// What an agent can do about each kind of error. The first match is used.
var advice = []struct {
	err  error
	next string
}{
	{lava.ErrUnauthorized, "The key is not valid, or no longer valid. Call login with again set to true."},
	{lava.ErrInsufficientBalance, "The merchant's wallet, which pays the providers, is empty. add_funds charges a card of the merchant: ask the person first. Until then, only free models work."},
	{lava.ErrSpendLimitExceeded, "The key has reached its spend limit: wait for its next cycle, or ask a person to raise the limit."},
	{lava.ErrInsufficientCredits, "The customer's credits are used up. To let the customer buy more, call create_checkout_session with checkout_mode credit_bundle (list_plans shows the plan's bundles) or with a larger plan. get_subscription shows what is left and when the cycle renews. To send this request at the merchant's cost, set disable_billing."},
	{lava.ErrRateLimited, "Wait a moment, then try again."},
	{lava.ErrServer, "This may be temporary: try again later."},
}

// explain converts an error to a text for the agent of an account: what was wrong, and what to do next.
func explain(err error, account Account) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("canceled before the response was complete. If a provider has received the request, it is billed")
	}
	if errors.Is(err, lava.ErrNoSecretKey) {
		return errors.New("not logged in: call the tool login first, or set the environment variable LAVA_SECRET_KEY")
	}
	var refused *lava.Error
	if !errors.As(err, &refused) {
		return errors.New(strings.TrimPrefix(err.Error(), "lava: "))
	}
	if refused.Status == 0 {
		return fmt.Errorf("no response from Lava: %w. Check LAVA_API_URL, and that the server is running", refused.Err)
	}
	text := describe(refused)
	if errors.Is(refused, lava.ErrProvider) {
		return errors.New(text)
	}
	if given, ok := account.(KeyAccount); ok && errors.Is(err, lava.ErrUnauthorized) {
		return fmt.Errorf("%s\nThe key is not valid, or no longer valid. It comes from %s: a person must correct it there, and a login changes nothing", text, given.from)
	}
	for _, a := range advice {
		if errors.Is(err, a.err) {
			return errors.New(text + "\n" + a.next)
		}
	}
	return errors.New(text)
}

// describe returns what was rejected, and which argument is wrong.
func describe(e *lava.Error) string {
	message := e.Message
	if rest, ok := strings.CutPrefix(message, "u: "); ok {
		message = "url: " + rest // as the tool call names it
	} else if e.Param != "" && !strings.HasPrefix(message, e.Param) {
		message = e.Param + ": " + message
	}
	if errors.Is(e, lava.ErrProvider) {
		message = "the provider responded: " + message
	}
	message += fmt.Sprintf(" (status %d", e.Status)
	if e.Code != "" {
		message += ", " + e.Code
	}
	if e.RequestID != "" {
		message += ", request " + e.RequestID
	}
	return message + ")"
}

// An invalid argument, in the words of the MCP SDK: its place in the schema, and the problem.
var badArguments = regexp.MustCompile(`^validating "arguments": (?:.*validating (?:root|(\S+)): )(.*)$`)

// plainArguments shortens such an error: which argument, and what is wrong with it.
func plainArguments(text string) string {
	found := badArguments.FindStringSubmatch(text)
	if found == nil {
		return text
	}
	argument := strings.NewReplacer("/properties/", ".", "/items", "[]").Replace(found[1])
	if argument = strings.TrimPrefix(argument, "."); argument != "" {
		argument += ": "
	}
	problem := notAmount.ReplaceAllString(found[2], "$1 is not an amount such as 12.50")
	return "bad arguments: " + argument + problem
}

// notAmount is what the MCP SDK says about a bad amount. No other argument has a pattern.
var notAmount = regexp.MustCompile(`^pattern: (.*) does not match regular expression .*$`)
