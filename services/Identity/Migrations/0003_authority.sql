-- Who may go on with a pending account: account/{key} of whoever asked for it, invitation/{id}, sweep/{id} while it is taken away; empty when it is there.
ALTER TABLE accounts ADD COLUMN owner TEXT NOT NULL DEFAULT '';

-- Made with the garden's admin token, which stands for itself, not for the account root.
ALTER TABLE invitations ADD COLUMN by_admin_token BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE password_resets ADD COLUMN by_admin_token BOOLEAN NOT NULL DEFAULT FALSE;
