package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// maxSnapshot limits the size of a snapshot sent to the server.
const maxSnapshot = 1 << 30

// snapshotVersion changes whenever older snapshots can't be read any more.
const snapshotVersion = 2

// snapshot is the state of a server, as JSON. Engine is a [*billing.Snapshot], or its encoded form.
type snapshot[E any] struct {
	Version   int
	Engine    E
	Responses []keptResponse // to POSTs with an idempotency key

	WebhookFailures []billing.DeliveryFailure `json:",omitempty"`
}

// Snapshot returns the server's state as JSON: all merchants' data, the responses for idempotency keys, and what
// is armed and scripted. Equal states give equal bytes. It contains no secrets of Lava: keys are stored as hashes, and
// other secrets are derived from a value that only the server has; see [Seed]. What an
// application stores, such as a name, is in it as it is, even if it is a key. Objects stored at fake providers, such as
// responses, files and batches, are not part of it.
func (s *Server) Snapshot() ([]byte, error) {
	snap := s.freeze()
	slices.SortFunc(snap.Responses, keptResponse.compare)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // it would lengthen metadata
	err := enc.Encode(snap)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// freeze copies the parts of a snapshot. Calls wait for that, but not until it is sorted and encoded.
func (s *Server) freeze() snapshot[*billing.Snapshot] {
	s.responses.gate.Lock()
	defer s.responses.gate.Unlock()
	now := s.tick()
	return snapshot[*billing.Snapshot]{snapshotVersion, s.engine.Snapshot(), s.responses.snapshot(now), s.deliveries.failures()}
}

// Restore replaces the server's state with a snapshot. The clock moves to the time of the snapshot, unless it is
// already later; it can't be more than 100 years later. Afterwards, the server responds as the snapshot's server
// would. The snapshot's secret keys work as before. If the server's own secret key is not one of them, it acts for
// the first merchant of the snapshot. Secrets that are shown in only one response are derived, so they are the same
// if both servers have the same [Seed]. If not, webhooks get new secrets, which no response has shown: create the
// webhooks again. Events, deliveries, and objects stored at fake providers are not part of a snapshot; pending
// deliveries and stored objects are removed. Gateway requests in progress continue, but are not recorded. On an error,
// nothing changes.
func (s *Server) Restore(data []byte) error {
	var snap snapshot[json.RawMessage]
	if err := json.Unmarshal(data, &snap); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if snap.Version != snapshotVersion {
		return fmt.Errorf("snapshot: version %d, this program reads version %d", snap.Version, snapshotVersion)
	}
	for _, k := range snap.Responses {
		if err := k.check(); err != nil {
			return err
		}
	}
	if err := billing.CheckFailures(snap.WebhookFailures); err != nil {
		return fmt.Errorf("snapshot: a failure of webhooks: %w", err)
	}
	s.responses.gate.Lock()
	defer s.responses.gate.Unlock()
	err := s.scripts.restoring(func() error {
		return s.engine.Restore(snap.Engine, s.Now().AddDate(-maxJumpYears, 0, 0))
	})
	if err != nil {
		return err
	}
	s.responses.restore(snap.Responses)
	s.deliveries.restore(snap.WebhookFailures)
	s.fakes.Forget(func(upstream.Owner) bool { return true })
	s.clock.turn(s.engine.Now())
	s.setAlarm()
	s.adopt()
	s.watchers.tell(ChangeAll, "")
	return nil
}

// adopt makes the server's own key act for a merchant of the restored state.
func (s *Server) adopt() {
	hash := billing.HashKey(s.SecretKey())
	id, known := s.engine.MerchantByKey(hash)
	if !known {
		id = s.engine.MerchantIDs()[0]
		s.own.Store(&ownKey{hash, id})
	} else {
		s.own.Store(nil)
	}
	s.merchant.id.Store(id)
}
