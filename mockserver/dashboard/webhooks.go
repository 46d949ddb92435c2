package dashboard

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// deliveryRow is a delivery in a list.
type deliveryRow struct {
	mockserver.Delivery
	Link    string
	When    template.HTML
	Next    template.HTML
	Webhook string
	Who     string
	WhoLink string
	Call    string // link
	Class   string
	Last    string // the outcome of the last attempt
}

// behindAnother stands for the next attempt of a delivery that waits for its turn.
const behindAnother template.HTML = "behind another"

// IsFailing reports whether attempts have failed, and more follow.
func (d deliveryRow) IsFailing() bool {
	return d.Status == mockserver.DeliveryPending && len(d.Attempts) > 0
}

// State returns the progress of a delivery, in words.
func (d deliveryRow) State() string {
	if d.IsFailing() {
		return "failing, next"
	}
	return words(string(d.Status))
}

// deliveries returns the merchant's deliveries, oldest first.
func (v *visit) deliveries() []mockserver.Delivery {
	return slices.DeleteFunc(v.server.Deliveries(), func(d mockserver.Delivery) bool { return d.MerchantID != v.merchant.ID() })
}

func (v *visit) deliveryRow(d mockserver.Delivery) deliveryRow {
	row := deliveryRow{
		Delivery: d, Link: v.base + "deliveries/" + url.PathEscape(d.ID), When: when(v.now, d.CreatedAt), Webhook: short(d.WebhookID),
		Who: v.nameOf(d.CustomerID), WhoLink: v.base + "customers/" + url.PathEscape(d.CustomerID), Class: "muted",
	}
	if w, err := v.look.Webhooks.Retrieve(v.ctx(), d.WebhookID); err == nil {
		row.Webhook = w.Name
	}
	if d.CallID != "" {
		row.Call = v.base + "calls/" + url.PathEscape(d.CallID)
	}
	switch d.Status {
	case mockserver.DeliveryDelivered:
		row.Class = "ok"
	case mockserver.DeliveryGivenUp, mockserver.DeliveryRefused:
		row.Class = "bad"
	case mockserver.DeliveryPending:
		if row.Next = behindAnother; d.NextAttempt.After(v.now) {
			row.Next = when(v.now, d.NextAttempt)
		}
		if row.IsFailing() {
			row.Class = "bad"
		}
	}
	if n := len(d.Attempts); n > 0 {
		row.Last = outcome(d.Attempts[n-1])
	}
	return row
}

// outcome describes the outcome of an attempt.
func outcome(a mockserver.DeliveryAttempt) string {
	if a.Status == 0 {
		return a.Error
	}
	return number(a.Status) + " " + http.StatusText(a.Status)
}

// plainURL returns an address without parts that may be secret.
func plainURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	out := u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		out += "?…"
	}
	return out
}

const shownDeliveries = 100

func showWebhooks(v *visit) error {
	type endpoint struct {
		lava.Webhook
		Address            string
		Delivered, Pending int
		Failing            []mockserver.Delivery // at most one that others wait for, and reordered ones
		Failed             int
	}
	data := struct {
		Endpoints []endpoint
		Rows      []deliveryRow
		Count     int
		Waiting   int
		Most      int
	}{Most: shownDeliveries}
	webhooks, err := all(v.look.Webhooks.All(v.ctx(), lava.ListWebhooksParams{Limit: 100}), 100)
	if err != nil {
		return err
	}
	deliveries := v.deliveries()
	data.Count = len(deliveries)
	byID := map[string]*endpoint{}
	data.Endpoints = make([]endpoint, len(webhooks))
	for i, w := range webhooks {
		data.Endpoints[i] = endpoint{Webhook: w, Address: plainURL(w.URL)}
		byID[w.WebhookID] = &data.Endpoints[i]
	}
	for _, d := range deliveries {
		e, ok := byID[d.WebhookID]
		if !ok {
			e = new(endpoint) // of a deleted webhook
		}
		switch d.Status {
		case mockserver.DeliveryDelivered:
			e.Delivered++
		case mockserver.DeliveryPending:
			e.Pending++
			data.Waiting++
			if len(d.Attempts) > 0 {
				e.Failing = append(e.Failing, d)
			}
		default:
			e.Failed++
		}
	}
	for _, d := range slices.Backward(deliveries[max(0, len(deliveries)-shownDeliveries):]) {
		data.Rows = append(data.Rows, v.deliveryRow(d))
	}
	return v.show("webhooks", "Webhooks", "call delivery clock all", data)
}

// deliveryPage is a delivery with its attempts.
type deliveryPage struct {
	Row       deliveryRow
	Behind    []result    // what it waits for
	Last      http.Header // of the last attempt
	Body      string
	Attempts  []attempt
	Header    string   // of the signature
	Signature string   // with the entered secret
	Sent      []string // signatures, except those that a test has made wrong
	Advice    bool     // the hint is about the secret
}

// IsRight reports whether the entered secret is the webhook's.
func (p deliveryPage) IsRight() bool { return slices.Contains(p.Sent, p.Signature) }

type attempt struct {
	mockserver.DeliveryAttempt
	When    template.HTML
	Address string
	Class   string
	Outcome string
}

func (v *visit) deliveryPage() (deliveryPage, mockserver.Delivery, error) {
	for _, d := range v.deliveries() {
		if d.ID != v.r.PathValue("id") {
			continue
		}
		p := deliveryPage{Row: v.deliveryRow(d), Body: cut(bodyText(d.Body)), Header: lava.WebhookSignatureHeader}
		if p.Row.Next == behindAnother {
			p.Behind = v.waitsBehind(d.ID)
		}
		for _, a := range d.Attempts {
			class := statusClass(a.Status)
			if a.Error != "" {
				class = "bad"
			}
			p.Attempts = append(p.Attempts, attempt{a, when(v.now, a.At), plainURL(a.URL), class, outcome(a)})
			p.Last, p.Advice = a.Header, d.Hint != "" && a.Failure == ""
			if a.Header != nil && a.Failure != mockserver.WebhookWrongSignature {
				p.Sent = append(p.Sent, a.Header.Get(p.Header))
			}
		}
		return p, d, nil
	}
	return deliveryPage{}, mockserver.Delivery{}, errNotFound("This delivery is not available: it does not exist, or is no longer kept.")
}

func showDelivery(v *visit) error {
	p, d, err := v.deliveryPage()
	if err != nil {
		return err
	}
	return v.show("delivery", "Delivery", "delivery:"+d.ID+" clock all", p)
}

// checkSignature shows the signature of a delivery with a given secret, for someone whose receiver has rejected it.
// The secret is not kept.
func checkSignature(v *visit) error {
	p, d, err := v.deliveryPage()
	if err != nil {
		return err
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 4<<10)
	if secret := v.r.PostFormValue("secret"); secret != "" {
		p.Signature = lava.SignWebhook(d.Body, secret)
	}
	return v.show("delivery", "Delivery", "", p)
}
