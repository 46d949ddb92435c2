package billing

import "slices"

// Turns count how often something armed is used.
type Turns struct {
	After int // how many pass before the first
	Times int // how many it then applies to; 0: all
	Met   int // how many have come so far
	Used  int // how many it has applied to
}

// take counts one more and reports whether this one is affected.
func (t *Turns) take() bool {
	t.Met++
	if t.Met <= t.After || t.spent() {
		return false
	}
	t.Used++
	return true
}

// pass counts one more that something else has been applied to.
func (t *Turns) pass() { t.Met++ }

// Least is how many turns make it count as used: Times, or one.
func (t Turns) Least() int { return max(1, t.Times) }

// IsUsed reports whether it was for as many as it has to be.
func (t Turns) IsUsed() bool { return t.Used >= t.Least() }

// spent reports whether it has no turns left.
func (t Turns) spent() bool { return t.Times > 0 && t.Used >= t.Times }

func (t Turns) check() error {
	switch {
	case t.After < 0:
		return Invalid("after", "%d is negative: give the number that pass first", t.After)
	case t.Times < 0:
		return Invalid("times", "%d is negative: give the number that it applies to, or 0 for no limit", t.Times)
	case t.Met < 0 || t.Used < 0 || t.Used > t.Met:
		return Invalid("used", "%d used of %d is not possible", t.Used, t.Met)
	}
	return nil
}

// maxArmed limits how many of a kind can be armed at a time.
const maxArmed = 1000

// arm adds something. What is spent makes room for it.
func arm[T interface{ spent() bool }](all []T, v T) ([]T, error) {
	if len(all) >= maxArmed {
		all = slices.DeleteFunc(all, T.spent)
	}
	if len(all) >= maxArmed {
		return all, Errorf(CodeConflict, "", "%d are already armed: remove those first", len(all))
	}
	return append(all, v), nil
}

// strike counts one more for everything armed that applies, and returns the first that has a turn for it. What is
// behind that counts too, so that After is always a number of calls, regardless of what else is armed.
func strike[T interface {
	take() bool
	pass()
}](all []T, applies func(T) bool) (struck T, ok bool) {
	for _, v := range all {
		switch {
		case !applies(v):
		case ok:
			v.pass()
		case v.take():
			struck, ok = v, true
		}
	}
	return struck, ok
}
