package billing

import (
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command that could reach a lock could deadlock, so everything reachable from a tx must be plain data.
func TestCommandsReachNoLock(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		require.NotEqual(t, reflect.TypeFor[Engine](), typ, path)
		require.NotContains(t, []string{"sync", "sync/atomic"}, typ.PkgPath(), path)
		switch typ.Kind() {
		case reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer:
			t.Errorf("%s is a %s, which could lead anywhere", path, typ)
		case reflect.Map:
			walk(typ.Key(), path)
			walk(typ.Elem(), path)
		case reflect.Pointer, reflect.Slice, reflect.Array:
			walk(typ.Elem(), path)
		case reflect.Struct:
			for f := range typ.NumField() {
				walk(typ.Field(f).Type, path+"."+typ.Field(f).Name)
			}
		}
	}
	walk(reflect.TypeFor[*tx](), "tx")
	require.Contains(t, seen, reflect.TypeFor[chunk](), "the walk reaches packed requests")
}

func TestEventsFollowTheOrderOfCommands(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 50
	var (
		engine  *Engine
		handing sync.Mutex // the engine itself must ensure this
		seqs    []uint64
		handed  sync.Map
	)
	engine = New(Config{OnEvent: func(e Event) {
		require.True(t, handing.TryLock(), "one event at a time")
		defer handing.Unlock()
		c, err := engine.Customer(e.MerchantID, e.Customer.ID)
		require.NoError(t, err, "the receiver can read from the engine")
		seqs = append(seqs, c.Seq)
		handed.Store(c.ID, true)
	}})
	m, err := Do(engine, date(2026, 1, 1), CreateMerchant{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				c, err := Do(engine, date(2026, 1, 1), CreateCustomer{MerchantID: m.ID})
				require.NoError(t, err)
				_, ok := handed.Load(c.ID)
				require.True(t, ok, "Do returns after its event has been published")
			}
		})
	}
	wg.Wait()
	require.Len(t, seqs, goroutines*each)
	require.IsIncreasing(t, seqs)
}

// Due work is done before the command, and its events are published even if the command is rejected.
func TestARejectedCommandLetsTimePass(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	events := len(s.events)
	s.at = s.subscription(c).CycleEnd
	require.Equal(t, CodeNotFound, rejected(s, CreateMeter{MerchantID: "mer_test_nope"}).Code)
	require.Equal(t, s.at, s.Now())
	require.Equal(t, s.at, s.subscription(c).CycleStart)
	require.Len(t, s.events, events+1)
}

func TestTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.turn(date(2026, 3, 1))
	s.at = date(2026, 2, 1)
	require.Equal(t, date(2026, 3, 1), must(s, CreateCustomer{MerchantID: s.merchant.ID}).CreatedAt)
}
