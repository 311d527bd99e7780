-- Indexes to create in the order of their gain, then those to drop. CONCURRENTLY must run outside of a
-- transaction; when one fails it leaves an invalid index behind, which the rollback drops.

-- I1
CREATE INDEX CONCURRENTLY opportunity_line_items_opportunity_id_idx ON public.opportunity_line_items USING btree (opportunity_id);

-- I2
CREATE INDEX CONCURRENTLY activities_owner_id_completed_at_due_at_idx ON public.activities USING btree (owner_id, completed_at, due_at);

-- I3
CREATE INDEX CONCURRENTLY activities_account_id_created_at_idx ON public.activities USING btree (account_id, created_at DESC);

-- I4
CREATE INDEX CONCURRENTLY opportunities_owner_id_status_idx ON public.opportunities USING btree (owner_id, status);

-- I5
CREATE INDEX CONCURRENTLY notes_parent_id_parent_type_created_at_idx ON public.notes USING btree (parent_id, parent_type, created_at DESC);

-- I6
CREATE INDEX CONCURRENTLY emails_contact_id_sent_at_idx ON public.emails USING btree (contact_id, sent_at DESC);

-- I7
CREATE INDEX CONCURRENTLY ticket_comments_ticket_id_idx ON public.ticket_comments USING btree (ticket_id);

-- I8
CREATE INDEX CONCURRENTLY activities_created_at_idx ON public.activities USING btree (created_at DESC);

-- I9
CREATE INDEX CONCURRENTLY background_jobs_status_run_at_idx ON public.background_jobs USING btree (status, run_at);

-- I10
CREATE INDEX CONCURRENTLY opportunities_account_id_idx ON public.opportunities USING btree (account_id);

-- I11
CREATE INDEX CONCURRENTLY audit_log_entity_id_idx ON public.audit_log USING btree (entity_id);

-- I12
CREATE INDEX CONCURRENTLY taggings_taggable_id_taggable_type_idx ON public.taggings USING btree (taggable_id, taggable_type);

-- I13
CREATE INDEX CONCURRENTLY audit_log_created_at_idx ON public.audit_log USING btree (created_at DESC);

-- I14
CREATE INDEX CONCURRENTLY opportunities_tenant_id_status_closed_at_idx ON public.opportunities USING btree (tenant_id, status, closed_at);

-- I15
CREATE INDEX CONCURRENTLY tickets_assignee_id_idx ON public.tickets USING btree (assignee_id);

-- I16
CREATE INDEX CONCURRENTLY leads_created_at_idx ON public.leads USING btree (created_at);

-- I17
CREATE INDEX CONCURRENTLY contacts_phone_idx ON public.contacts USING btree (phone);

-- I18
CREATE INDEX CONCURRENTLY emails_sent_at_idx ON public.emails USING btree (sent_at DESC);

-- I19
CREATE INDEX CONCURRENTLY tickets_solved_at_idx ON public.tickets USING btree (solved_at);

-- I20
CREATE INDEX CONCURRENTLY user_sessions_expires_at_idx ON public.user_sessions USING btree (expires_at);

-- I21
CREATE INDEX CONCURRENTLY opportunities_closed_at_idx ON public.opportunities USING btree (closed_at);

-- I22
CREATE INDEX CONCURRENTLY opportunities_created_at_idx1 ON public.opportunities USING btree (created_at);

-- I23
CREATE INDEX CONCURRENTLY leads_tenant_id_status_created_at_idx ON public.leads USING btree (tenant_id, status, created_at);

-- I24
CREATE INDEX CONCURRENTLY leads_tenant_id_score_created_at_idx ON public.leads USING btree (tenant_id, score DESC, created_at);

-- I25
CREATE INDEX CONCURRENTLY opportunities_owner_id_created_at_idx ON public.opportunities USING btree (owner_id, created_at DESC);

-- D1
DROP INDEX CONCURRENTLY IF EXISTS public.user_sessions_token_idx;

-- D2
DROP INDEX CONCURRENTLY IF EXISTS public.opportunities_tenant_id_idx;

-- D3
DROP INDEX CONCURRENTLY IF EXISTS public.leads_tenant_id_status_idx;

-- D4
DROP INDEX CONCURRENTLY IF EXISTS public.contacts_account_id_idx;

-- D5
DROP INDEX CONCURRENTLY IF EXISTS public.tags_id_idx;
