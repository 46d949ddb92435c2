package mockserver

import (
	"time"

	"github.com/lavapayments/lava-go"
)

var failureVerbs = []verb{
	{"failures.arm", "fail", "POST", "failures", "Fail", "makes calls to Lava's API fail; with a key, only its merchant's calls", "customers.create times=1 status=503", with(armFailure)},
	{"declines.arm", "decline", "POST", "declines", "Decline", "declines future charges; with a key, only those of its merchant and customers", "ada purpose=renewal times=1", with(armDecline)},
	{"webhook_failures.arm", "", "POST", "webhook_failures", "FailWebhooks", "makes webhook deliveries fail; with a key, only its merchant's deliveries", "dropped times=1", with(armWebhookFailure)},
	{"failures.list", "armed", "GET", "failures", "Armed", "lists what is armed and scripted, and how often each was used", "", with(listArmed)},
	{"failures.unused", "unused", "GET", "failures/unused", "Unused", "lists, in sentences, what was armed or scripted but not used; a test should end with an empty list", "", with(getUnused)},
	{"failures.disarm", "disarm", "DELETE", "failures", "Disarm", "removes what is armed or scripted with an id; without one, all failures, declines and webhook failures, but no scripted replies; with a key, only its merchant's", "$ARMED_ID", with(disarm)},
	{"triggers.run", "trigger", "POST", "trigger", "Trigger", "makes something happen now that would otherwise take time, usage or bad luck, with all its usual effects", "use_up_credits ada", with(runTrigger)},
	{"scenarios.create", "scenario", "POST", "scenarios", "Scenario", "creates a customer in a state that tests need, such as a declined renewal, with a forward token that charges the customer", "near_limit", with(createScenario)},
	{"customers.change_card", "", "POST", "customers/{id}/card", "ChangeCard", "replaces a customer's card with a test card", "ada 4000000000000341", with(changeCard)},
}

// selected returns the merchant that a call selects by a key or an id; "" if it selects none, so that it arms and
// lists for all merchants.
func (c *controlCall) selected() string {
	if bearer(c.r) == "" && !c.isNamed {
		return ""
	}
	return c.merchant
}

// armedBy is the response to a verb that arms something.
type armedBy struct {
	Success bool   `json:"success"`
	Armed   string `json:"armed"` // as a sentence
	ID      string `json:"id"`
}

func respondArmed(a Armed, err error) (armedBy, error) {
	if err != nil {
		return armedBy{}, err
	}
	return armedBy{Success: true, Armed: a.String(), ID: a.ID}, nil
}

type turnsInput struct {
	After int `json:"after,omitempty" about:"how many are unaffected first"`
	Times int `json:"times,omitempty" about:"how many are then affected; 0 means no limit"`
}

type failureInput struct {
	Endpoint string `json:"endpoint,omitempty" positional:"true" about:"an endpoint such as subscriptions.create; by default all"`
	Customer string `json:"customer,omitempty" about:"the customer that the call is about, by id or reference id"`
	Key      string `json:"key,omitempty" about:"the id of the secret key or spend key that the call uses"`
	turnsInput
	At         string   `json:"at,omitempty" allowed:"before_effect after_provider after_effect" about:"how far the call gets before it fails; by default it has no effect"`
	Status     int      `json:"status,omitempty" about:"the status of the error, from 400 to 599"`
	Code       string   `json:"code,omitempty" about:"the error code; by default the usual one for the status"`
	Message    string   `json:"message,omitempty" about:"the error message; by default the usual one for the status"`
	RetryAfter duration `json:"retry_after,omitempty" about:"the value of the Retry-After header, such as 2s"`
	Cut        bool     `json:"cut,omitempty" about:"ends the connection without a response"`
	Latency    duration `json:"latency,omitempty" about:"the delay before the response, in real time, such as 3s"`
}

func armFailure(c *controlCall, in failureInput) (armedBy, error) {
	return respondArmed(c.server.fail(c.selected(), Failure{
		Endpoint: Endpoint(in.Endpoint), Customer: in.Customer, Key: in.Key, After: in.After, Times: in.Times,
		At: FailurePoint(in.At), Status: in.Status, Code: in.Code, Message: in.Message,
		RetryAfter: time.Duration(in.RetryAfter), Cut: in.Cut, Latency: time.Duration(in.Latency),
	}))
}

type declineInput struct {
	Customer string `json:"customer,omitempty" positional:"true" about:"the customer who is charged, by id or reference id; by default everyone, and the funding of the wallet"`
	Purpose  string `json:"purpose,omitempty" allowed:"subscription renewal credit_bundle auto_top_up wallet" about:"what is charged; by default anything"`
	Reason   string `json:"reason,omitempty" allowed:"card_declined insufficient_funds expired_card authentication_required" about:"by default card_declined"`
	turnsInput
}

func armDecline(c *controlCall, in declineInput) (armedBy, error) {
	return respondArmed(c.server.decline(c.selected(), Decline{
		Customer: in.Customer, Purpose: PaymentPurpose(in.Purpose), Reason: in.Reason, After: in.After, Times: in.Times,
	}))
}

type webhookFailureInput struct {
	Kind    string `json:"kind" positional:"true" allowed:"dropped duplicated delayed reordered wrong_signature timed_out unreachable" about:"what goes wrong; the first four affect a whole delivery, the others one attempt"`
	Webhook string `json:"webhook,omitempty" about:"the webhook's id; by default all"`
	Event   string `json:"event,omitempty" allowed:"customer.created customer.wallet.balance.updated customer.deleted" about:"the type of the event; by default any"`
	turnsInput
	Delay duration `json:"delay,omitempty" about:"the delay of a delayed or reordered delivery, by the server's clock, such as 30s"`
}

func armWebhookFailure(c *controlCall, in webhookFailureInput) (armedBy, error) {
	return respondArmed(c.server.failWebhooks(c.selected(), WebhookFailure{
		Kind: WebhookFailureKind(in.Kind), Webhook: in.Webhook, Event: lava.WebhookEventType(in.Event),
		After: in.After, Times: in.Times, Delay: time.Duration(in.Delay),
	}))
}

func getUnused(c *controlCall, _ none) (dataBody[string], error) {
	return dataBody[string]{append([]string{}, c.server.unused(c.selected())...)}, nil
}

type disarmInput struct {
	ID *string `json:"id,omitempty" positional:"true" about:"what to remove: an id from the response that armed it, or from the list"`
}

func disarm(c *controlCall, in disarmInput) (successBody, error) {
	var ids []string
	if in.ID != nil { // an empty id is an error, so that an unset variable in a script does not remove everything
		ids = []string{*in.ID}
	}
	return successBody{Success: true}, c.server.disarmEach(c.selected(), ids)
}

type triggerInput struct {
	What   string `json:"what" positional:"true" allowed:"renew_now cancel_now use_up_credits expire_card expire_session reach_spend_limit reach_request_limit pause_key revoke_key empty_wallet" about:"what happens"`
	Object string `json:"object,omitempty" positional:"true" about:"the customer's id or reference id, or the id of the checkout session or spend key; empty_wallet takes none"`
}

func runTrigger(c *controlCall, in triggerInput) (successBody, error) {
	return successBody{Success: true}, c.server.trigger(c.merchant, Trigger(in.What), in.Object)
}

type changeCardInput struct {
	ID   string `json:"id" positional:"true" about:"the customer's id or reference id"`
	Card string `json:"card" positional:"true" about:"a test card's number, such as 4000 0000 0000 0341"`
}

func changeCard(c *controlCall, in changeCardInput) (successBody, error) {
	return successBody{Success: true}, c.server.changeCard(c.merchant, in.ID, in.Card)
}

type scenarioInput struct {
	Name string `json:"name" positional:"true" allowed:"subscribed near_limit out_of_credit in_debt topped_up top_up_declined pending_downgrade pending_cancellation cancelled declined_renewal" about:"the name of the scenario"`
}

type scenarioBody struct {
	CustomerID     string `json:"customer_id"`
	SubscriptionID string `json:"subscription_id"`
	PlanID         string `json:"plan_id"`
	CreditBundleID string `json:"credit_bundle_id"`
	MeterSlug      string `json:"meter_slug"`
	ForwardToken   string `json:"forward_token"`
}

func createScenario(c *controlCall, in scenarioInput) (scenarioBody, error) {
	made, err := c.server.buildScenario(c.merchant, Scenario(in.Name))
	if err != nil {
		return scenarioBody{}, err
	}
	token, err := c.forwardToken(made.CustomerID, made.MeterSlug)
	return scenarioBody{made.CustomerID, made.SubscriptionID, made.PlanID, made.CreditBundleID, made.MeterSlug, token}, err
}
