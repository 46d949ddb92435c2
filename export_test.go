package lava

import "time"

// WithBackoff shortens the pauses for tests that aren't about pauses.
func WithBackoff(d time.Duration) Option {
	return func(c *config) { c.retry.Base = d }
}
