# Publishes an event with sample data as the demonstration's account: trigger.sh invoice.paid
REVKEEN_WEBHOOKS_API_KEY="$(cat /secrets/api-key)" exec node dist/src/main.js trigger "$@"
