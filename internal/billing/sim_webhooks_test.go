package billing

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

// The simulation of webhooks that fail: two receivers of two kinds of events.

// modelHook is what a receiver should receive for an event.
type modelHook struct {
	id       string // of the delivery
	webhook  string
	event    EventType
	dropped  bool
	arrivals int // still expected
	failed   int // attempts
	alone    bool
	from     time.Time
}

var (
	simWebhooks = []Webhook{{Object: Object{ID: "wh_a"}, URL: "https://a.example"}, {Object: Object{ID: "wh_b"}, URL: "https://b.example"}}
	simEvents   = []EventType{CustomerCreated, CustomerDeleted}
)

// simDelay is the delay of delayed and reordered deliveries.
const simDelay = 20 * time.Minute

// armedHook is an armed failure in the model.
type armedHook struct {
	*modelTurns
	failure DeliveryFailure
}

func (a armedHook) isFor(h *modelHook) bool {
	return (a.failure.WebhookID == "" || a.failure.WebhookID == h.webhook) && (a.failure.Event == "" || a.failure.Event == h.event)
}

// strikeHook returns the kind of the failure whose turn it is, or "".
func (s *sim) strikeHook(h *modelHook, attempts bool) DeliveryFailureKind {
	var those []*modelTurns
	for _, a := range s.model.armedHooks {
		if slices.Contains(attemptKinds, a.failure.Kind) == attempts && a.isFor(h) {
			those = append(those, a.modelTurns)
		}
	}
	struck := turnOf(those)
	for _, a := range s.model.armedHooks {
		if a.modelTurns == struck {
			return a.failure.Kind
		}
	}
	return ""
}

func (s *sim) armHook() {
	if len(s.model.armedHooks) == 12 {
		s.hooks.Disarm("", true)
		s.model.armedHooks = nil
	}
	kinds := slices.Concat(deliveryKinds, attemptKinds)
	f := DeliveryFailure{
		Kind: kinds[s.n(len(kinds))], Turns: s.turns(),
		WebhookID: []string{"", "wh_a", "wh_b"}[s.n(3)], Event: []EventType{"", CustomerCreated, CustomerDeleted}[s.n(3)],
	}
	if f.Times == 0 && slices.Contains(attemptKinds, f.Kind) {
		f.Times = 1 // or nothing would ever arrive
	}
	if f.Kind == DeliveryDelayed || f.Kind == DeliveryReordered {
		f.Delay = simDelay
	}
	armed, err := s.hooks.Arm(f)
	s.noError(err)
	s.model.armedHooks = append(s.model.armedHooks, armedHook{newModelTurns("", armed.Turns), armed})
}

// announce queues an event for both receivers.
func (s *sim) announceHook() {
	event := simEvents[s.n(2)]
	s.hooks.Add(1, Event{Type: event, At: s.at, MerchantID: "mer", Webhooks: simWebhooks}, []byte(`{}`))
	for i, w := range simWebhooks {
		v := s.hooks.Kept[len(s.hooks.Kept)-len(simWebhooks)+i]
		h := &modelHook{id: v.ID, webhook: w.ID, event: event, arrivals: 1, from: s.at}
		switch s.strikeHook(h, false) {
		case DeliveryDropped:
			h.dropped, h.arrivals = true, 0
		case DeliveryDuplicated:
			h.arrivals = 2
		case DeliveryDelayed:
			h.from = s.at.Add(simDelay)
		case DeliveryReordered:
			h.from, h.alone = s.at.Add(simDelay), true
		case AttemptWrongSignature, AttemptTimedOut, AttemptUnreachable: // of attempts
		}
		require.Equal(s, h.dropped, v.Status == DeliveryGivenUp, "a delivery is dropped, %s", s.where())
		if !h.dropped {
			s.model.hooks = append(s.model.hooks, h)
		}
	}
}

// deliver attempts what is due. Each receiver gets everything in order, except for reordered deliveries.
func (s *sim) deliverHooks() {
	for _, v := range s.hooks.Due(s.at) {
		i := slices.IndexFunc(s.model.hooks, func(h *modelHook) bool { return h.id == v.ID })
		require.GreaterOrEqual(s, i, 0, "it arrived or was dropped before, %s", s.where())
		h := s.model.hooks[i]
		require.False(s, s.at.Before(h.from), "a delivery is early, %s", s.where())
		first := slices.IndexFunc(s.model.hooks, func(other *modelHook) bool { return other.webhook == h.webhook && !other.alone })
		require.True(s, h.alone || first == i, "a delivery has overtaken another, %s", s.where())
		want := s.strikeHook(h, true)
		require.Equal(s, want, s.hooks.Begin(v), "how an attempt fails, %s", s.where())
		a := DeliveryAttempt{At: s.at}
		if want != "" {
			a.Error = string(want)
			h.failed++
		} else {
			h.arrivals--
		}
		if h.arrivals == 0 || h.failed > len(retryDelays) { // it has arrived, or is given up
			s.model.hooks = slices.Delete(s.model.hooks, i, i+1)
		}
		s.hooks.Attempted(v.ID, a, s.at)
	}
}

// checkHooks lets time pass until nothing is left, so that each delivery has arrived as often as it should.
func (s *sim) checkHooks() {
	s.Helper()
	s.hooks.Disarm("", true)
	s.model.armedHooks = nil
	for range 10 * (len(s.model.hooks) + 1) {
		s.at = s.at.Add(2 * time.Hour)
		s.deliverHooks()
	}
	require.Empty(s, s.model.hooks, "deliveries that never arrived, %s", s.where())
	_, waiting := s.hooks.Next("")
	require.False(s, waiting, s.where())
}
