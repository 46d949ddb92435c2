package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

// maxSnapshot bounds a snapshot that is sent to the server.
const maxSnapshot = 1 << 30

// Snapshot returns all that the server's merchants have, as JSON. Equal states
// give equal bytes. It holds no secret: keys are in it as hashes, and the secrets
// of webhooks are left out.
func (s *Server) Snapshot() ([]byte, error) {
	s.tick()
	return s.engine.Snapshot()
}

// Restore replaces all that the server has by a snapshot. The clock moves to
// the time of the snapshot, unless it is past that. The server's own secret key
// then speaks for the first merchant of the snapshot, whose other keys work as
// before. Webhooks get new secrets. On an error nothing changes.
func (s *Server) Restore(snapshot []byte) error {
	if err := s.engine.Restore(snapshot); err != nil {
		return err
	}
	s.clock.turn(s.engine.Now())
	s.setAlarm()
	ids := s.engine.MerchantIDs()
	s.merchant.id.Store(ids[0])
	if _, ok := s.engine.MerchantByKey(billing.HashKey(s.merchant.key)); ok {
		return nil
	}
	_, err := billing.Do(s.engine, s.Now(), billing.CreateSecretKey{
		MerchantID: ids[0], Name: "Restored", KeyHash: billing.HashKey(s.merchant.key), KeyHint: hint(s.merchant.key),
	})
	return err
}
