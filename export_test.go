package lava

import "time"

// WithBackoff lets tests that are not about pauses wait for a short time only.
func WithBackoff(d time.Duration) Option {
	return func(c *config) { c.retry.Base = d }
}
