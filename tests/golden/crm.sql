-- Indexes in the order of their gain. Each CREATE INDEX CONCURRENTLY must run outside of a
-- transaction; when one fails it leaves an invalid index behind, which the rollback drops.

-- I1
CREATE INDEX CONCURRENTLY activities_owner_id_completed_at_due_at_idx ON public.activities USING btree (owner_id, completed_at, due_at);

-- I2
CREATE INDEX CONCURRENTLY opportunity_line_items_opportunity_id_idx ON public.opportunity_line_items USING btree (opportunity_id);

-- I3
CREATE INDEX CONCURRENTLY activities_account_id_created_at_idx ON public.activities USING btree (account_id, created_at DESC);

-- I4
CREATE INDEX CONCURRENTLY opportunities_owner_id_status_idx ON public.opportunities USING btree (owner_id, status);

-- I5
CREATE INDEX CONCURRENTLY notes_parent_id_created_at_idx ON public.notes USING btree (parent_id, created_at DESC);

-- I6
CREATE INDEX CONCURRENTLY ticket_comments_ticket_id_idx ON public.ticket_comments USING btree (ticket_id);

-- I7
CREATE INDEX CONCURRENTLY emails_contact_id_sent_at_idx ON public.emails USING btree (contact_id, sent_at DESC);

-- I8
CREATE INDEX CONCURRENTLY activities_created_at_idx ON public.activities USING btree (created_at DESC);

-- I9
CREATE INDEX CONCURRENTLY opportunities_account_id_idx ON public.opportunities USING btree (account_id);

-- I10
CREATE INDEX CONCURRENTLY audit_log_entity_id_created_at_idx ON public.audit_log USING btree (entity_id, created_at DESC);

-- I11
CREATE INDEX CONCURRENTLY background_jobs_queue_run_at_idx ON public.background_jobs USING btree (queue, run_at);

-- I12
CREATE INDEX CONCURRENTLY taggings_taggable_id_idx ON public.taggings USING btree (taggable_id);

-- I13
CREATE INDEX CONCURRENTLY audit_log_created_at_idx ON public.audit_log USING btree (created_at DESC);

-- I14
CREATE INDEX CONCURRENTLY emails_sent_at_idx ON public.emails USING btree (sent_at DESC);

-- I15
CREATE INDEX CONCURRENTLY opportunities_tenant_id_status_closed_at_idx ON public.opportunities USING btree (tenant_id, status, closed_at);

-- I16
CREATE INDEX CONCURRENTLY tickets_assignee_id_idx ON public.tickets USING btree (assignee_id);

-- I17
CREATE INDEX CONCURRENTLY leads_created_at_idx ON public.leads USING btree (created_at);

-- I18
CREATE INDEX CONCURRENTLY contacts_phone_idx ON public.contacts USING btree (phone);

-- I19
CREATE INDEX CONCURRENTLY tickets_solved_at_idx ON public.tickets USING btree (solved_at);

-- I20
CREATE INDEX CONCURRENTLY tickets_account_id_idx ON public.tickets USING btree (account_id);

-- I21
CREATE INDEX CONCURRENTLY user_sessions_expires_at_idx ON public.user_sessions USING btree (expires_at);

-- I22
CREATE INDEX CONCURRENTLY leads_tenant_id_score_created_at_idx ON public.leads USING btree (tenant_id, score DESC, created_at);

-- I23
CREATE INDEX CONCURRENTLY opportunities_closed_at_idx ON public.opportunities USING btree (closed_at);

-- I24
CREATE INDEX CONCURRENTLY opportunities_created_at_idx ON public.opportunities USING btree (created_at DESC);
