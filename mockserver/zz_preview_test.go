package mockserver_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestZZPreview(t *testing.T) {
	if os.Getenv("PREVIEW") == "" {
		t.Skip()
	}
	s := mockserver.Start(t, mockserver.Addr("127.0.0.1:4700"))
	shop := openShop(t, s)
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		p := lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "http://127.0.0.1:4701", PlanID: shop.plan.PlanID}
		p.CustomerID = r.URL.Query().Get("customer")
		ss, err := s.Client().CheckoutSessions.Create(r.Context(), p)
		require.NoError(t, err)
		fmt.Fprint(w, ss.CheckoutSessionToken)
	})
	mux.HandleFunc("/advance", func(w http.ResponseWriter, r *http.Request) { s.Advance(time.Hour) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><html style="color-scheme:%s"><body style="font:18px system-ui;background:%s"><h1>Chat app behind</h1><p>Lorem ipsum dolor</p><script>
window.msgs=[];addEventListener('message',e=>msgs.push(e.data));
const u=new URLSearchParams(location.search).get('f');
if(u){const f=document.createElement('iframe');f.src=u;f.style='width:100%%;height:100%%;margin:auto;border:none;position:fixed;inset:0;background-color:transparent;z-index:2147483647';f.referrerPolicy='no-referrer';f.setAttribute('sandbox','allow-forms allow-scripts allow-same-origin');document.body.appendChild(f)}
</script>`, r.URL.Query().Get("cs"), r.URL.Query().Get("bg"))
	})
	srv := &http.Server{Addr: "127.0.0.1:4701", Handler: mux}
	go srv.ListenAndServe()
	fmt.Println("customer", shop.customer)
	time.Sleep(10 * time.Minute)
}
