package billing

import (
	"encoding/json"
	"fmt"
	"slices"
)

// ScriptedReply is a reply that a test has scripted for a fake provider. It is not
// part of Lava's billing. It is here for the same reason as [Failure].
type ScriptedReply struct {
	ID         int    // from 1, in the order in which they were scripted
	MerchantID string // whose requests it is for; empty: all merchants'
	Turns
	Data json.RawMessage // opaque to the engine
	// Local means that a part of it isn't data, so that snapshots leave it out.
	Local bool `json:"-"`
}

// ScriptReplies adds replies after those that are there.
type ScriptReplies struct {
	MerchantID string
	Replies    []ScriptedReply
}

func (c ScriptReplies) owner(s *state) (*merchant, error) {
	if c.MerchantID == "" {
		return nil, nil
	}
	return s.merchant(c.MerchantID)
}

// apply returns the replies with their ids.
func (c ScriptReplies) apply(tx *tx, _ *merchant) ([]ScriptedReply, error) {
	for _, r := range c.Replies {
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	scripted, replies := make([]ScriptedReply, len(c.Replies)), tx.replies
	for i, r := range c.Replies {
		r.ID, r.MerchantID, r.Met, r.Used = tx.scripted+i+1, c.MerchantID, 0, 0
		var err error
		if replies, err = arm(slices.Clip(replies), &r); err != nil {
			return nil, err
		}
		scripted[i] = r
	}
	tx.replies, tx.scripted = replies, tx.scripted+len(scripted)
	return scripted, nil
}

// UseReply takes a turn of a reply. It returns false if the reply is used up or gone.
type UseReply struct{ ID int }

func (UseReply) owner(*state) (*merchant, error) { return nil, nil }

func (c UseReply) apply(tx *tx, _ *merchant) (bool, error) {
	for _, r := range tx.replies {
		if r.ID == c.ID {
			return r.take(), nil
		}
	}
	return false, nil
}

// DropReplies removes the replies of a merchant, or all if there is no merchant.
type DropReplies struct{ MerchantID string }

func (DropReplies) owner(*state) (*merchant, error) { return nil, nil }

func (c DropReplies) apply(tx *tx, _ *merchant) (struct{}, error) {
	tx.dropReplies(c.MerchantID)
	return struct{}{}, nil
}

func (s *state) dropReplies(merchantID string) {
	s.replies = slices.DeleteFunc(s.replies, func(r *ScriptedReply) bool { return merchantID == "" || r.MerchantID == merchantID })
}

// Replies returns the scripted replies, including those used up, in the order of their turns.
func (e *Engine) Replies() (all []ScriptedReply) {
	e.view(func(s *state) {
		for _, r := range s.replies {
			all = append(all, *r)
		}
	})
	return all
}

// Name returns the reply's id among everything that is armed.
func (r *ScriptedReply) Name() string { return fmt.Sprintf("rpl_%d", r.ID) }

// IsSpent reports whether the reply is used up.
func (r ScriptedReply) IsSpent() bool { return r.spent() }

// keptReplies returns the replies that a snapshot contains.
func (s *state) keptReplies() []*ScriptedReply {
	return slices.DeleteFunc(copiesOf(s.replies), func(r *ScriptedReply) bool { return r.Local })
}

// restoreReplies restores the replies of a snapshot.
func (s *state) restoreReplies(replies []*ScriptedReply) error {
	for _, r := range replies {
		if r == nil || r.ID <= s.scripted {
			return Errorf(CodeInvalidRequest, "", "the replies are not in the order in which they were scripted")
		}
		if err := r.check(); err != nil {
			return err
		}
		s.scripted = r.ID
	}
	s.replies = replies
	return nil
}
