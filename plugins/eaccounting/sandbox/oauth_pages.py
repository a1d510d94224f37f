"""The login and consent pages, plain HTML in Dutch."""

LAYOUT = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font-family: sans-serif; background: #f2f5f7; color: #1b2a33; }
main { max-width: 26rem; margin: 4rem auto; padding: 2rem; background: #fff;
       border-radius: .5rem; box-shadow: 0 1px 6px #0003; }
label, input, select { display: block; width: 100%; box-sizing: border-box; }
input, select { padding: .6rem; margin: .3rem 0 1rem; font-size: 1rem; }
button { padding: .7rem 1.2rem; font-size: 1rem; margin-right: .5rem; }
.error { color: #a40000; }
</style></head>
<body><main><h1>{{ title }}</h1>
"""

LOGIN = (
    LAYOUT
    + """<p>Sandbox van Visma eAccounting. Log in om verder te gaan:</p>
<ul>
<li>Demo Webwinkel: <code>demo@example.com</code>, wachtwoord <code>demo</code></li>
<li>Nieuwe Webwinkel: <code>nieuw@example.com</code>, wachtwoord <code>demo</code></li>
</ul>
{% if error %}<p class="error" role="alert">{{ error }}</p>{% endif %}
<form method="post">
<label for="email">E-mailadres</label>
<input id="email" name="email" type="email" autocomplete="username" required>
<label for="password">Wachtwoord</label>
<input id="password" name="password" type="password" required>
<button name="action" value="login">Inloggen</button>
</form></main></body></html>"""
)

CONSENT = (
    LAYOUT
    + """<p><strong>{{ client }}</strong> vraagt toegang tot je administratie.</p>
<form method="post">
<input type="hidden" name="login" value="{{ login }}">
<label for="company">Administratie</label>
<select id="company" name="company">
{% for company in companies %}
<option value="{{ company.id }}">{{ company.settings.Name }}</option>
{% endfor %}
</select>
<p>Gevraagde rechten:</p>
<ul>{% for scope in scopes %}<li><code>{{ scope }}</code></li>{% endfor %}</ul>
<button name="action" value="allow">Toestaan</button>
<button name="action" value="deny">Weigeren</button>
</form></main></body></html>"""
)

ERROR = (
    LAYOUT + """<p class="error" role="alert">{{ error }}</p></main></body></html>"""
)

ROOT = (
    LAYOUT
    + """<p>Dit is een nagebouwde Visma eAccounting, om de koppeling mee te proberen
en te testen. Er wordt niets echt geboekt.</p>
<ul>
<li>Inloggen: <code>demo@example.com</code>, wachtwoord <code>demo</code></li>
<li>API: <code>/v2/</code></li>
<li>OAuth: <code>/connect/authorize</code>, <code>/connect/token</code></li>
</ul>
<h2>Administraties</h2>
<ul>{% for company in companies %}<li>{{ company.settings.Name }}</li>{% endfor %}</ul>
</main></body></html>"""
)
