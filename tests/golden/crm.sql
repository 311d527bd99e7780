-- Indexes to create in the order of their gain, then those to drop. CONCURRENTLY must run outside of a
-- transaction; when one fails it leaves an invalid index behind, which the rollback drops.

-- I1
CREATE INDEX CONCURRENTLY activities_owner_id_created_at_kind_idx ON public.activities USING btree (owner_id) INCLUDE (created_at, kind);

-- I2
CREATE INDEX CONCURRENTLY opportunity_line_items_opportunity_id_idx ON public.opportunity_line_items USING btree (opportunity_id);

-- I3
CREATE INDEX CONCURRENTLY activities_account_id_created_at_idx ON public.activities USING btree (account_id, created_at DESC);

-- I4
CREATE INDEX CONCURRENTLY opportunities_status_owner_id_amount_deleted_at_stage_id_te_idx ON public.opportunities USING btree (status, owner_id) INCLUDE (amount, deleted_at, stage_id, tenant_id);

-- I5
CREATE INDEX CONCURRENTLY notes_parent_id_parent_type_created_at_idx ON public.notes USING btree (parent_id, parent_type, created_at DESC);

-- I6
CREATE INDEX CONCURRENTLY ticket_comments_ticket_id_idx ON public.ticket_comments USING btree (ticket_id);

-- I7
CREATE INDEX CONCURRENTLY emails_contact_id_idx ON public.emails USING btree (contact_id);

-- I8
CREATE INDEX CONCURRENTLY background_jobs_queue_idx1 ON public.background_jobs USING btree (queue) WHERE status = 'queued';

-- I9
CREATE INDEX CONCURRENTLY opportunities_account_id_idx ON public.opportunities USING btree (account_id);

-- I10
CREATE INDEX CONCURRENTLY audit_log_entity_id_entity_type_created_at_idx ON public.audit_log USING btree (entity_id, entity_type, created_at DESC);

-- I11
CREATE INDEX CONCURRENTLY taggings_taggable_id_idx ON public.taggings USING btree (taggable_id);

-- I12
CREATE INDEX CONCURRENTLY audit_log_created_at_idx ON public.audit_log USING btree (created_at DESC);

-- I13
CREATE INDEX CONCURRENTLY emails_sent_at_idx ON public.emails USING btree (sent_at DESC);

-- I14
CREATE INDEX CONCURRENTLY activities_created_at_idx ON public.activities USING btree (created_at DESC);

-- I15
CREATE INDEX CONCURRENTLY accounts_tenant_id_name_created_at_id_idx ON public.accounts USING btree (tenant_id, name) INCLUDE (created_at, id);

-- I16
CREATE INDEX CONCURRENTLY opportunities_tenant_id_status_closed_at_amount_lost_reason_idx ON public.opportunities USING btree (tenant_id, status, closed_at) INCLUDE (amount, lost_reason);

-- I17
CREATE INDEX CONCURRENTLY tickets_assignee_id_idx ON public.tickets USING btree (assignee_id);

-- I18
CREATE INDEX CONCURRENTLY opportunities_owner_id_created_at_idx ON public.opportunities USING btree (owner_id, created_at DESC);

-- I19
CREATE INDEX CONCURRENTLY contacts_id_email_first_name_last_name_tenant_id_updated_at_idx ON public.contacts USING btree (id) INCLUDE (email, first_name, last_name, tenant_id, updated_at);

-- I20
CREATE INDEX CONCURRENTLY contacts_tenant_id_deleted_at_email_id_idx ON public.contacts USING btree (tenant_id) INCLUDE (deleted_at, email, id);

-- I21
CREATE INDEX CONCURRENTLY leads_created_at_idx1 ON public.leads USING brin (created_at);

-- I22
CREATE INDEX CONCURRENTLY contacts_phone_idx ON public.contacts USING btree (phone);

-- I23
CREATE INDEX CONCURRENTLY leads_tenant_id_status_deleted_at_email_id_idx ON public.leads USING btree (tenant_id, status) INCLUDE (deleted_at, email, id);

-- I24
CREATE INDEX CONCURRENTLY background_jobs_run_at_idx ON public.background_jobs USING btree (run_at);

-- I25
CREATE INDEX CONCURRENTLY accounts_tenant_id_name_account_type_deleted_at_id_website_idx ON public.accounts USING btree (tenant_id, name) INCLUDE (account_type, deleted_at, id, website);

-- I26
CREATE INDEX CONCURRENTLY tickets_solved_at_idx1 ON public.tickets USING brin (solved_at);

-- I27
CREATE INDEX CONCURRENTLY opportunities_tenant_id_id_name_idx ON public.opportunities USING btree (tenant_id) INCLUDE (id, name);

-- I28
CREATE INDEX CONCURRENTLY user_sessions_expires_at_idx ON public.user_sessions USING btree (expires_at);

-- I29
CREATE INDEX CONCURRENTLY accounts_custom_fields_idx ON public.accounts USING gin (custom_fields jsonb_path_ops);

-- I30
CREATE INDEX CONCURRENTLY tickets_tenant_id_id_subject_idx ON public.tickets USING btree (tenant_id) INCLUDE (id, subject);

-- I31
CREATE INDEX CONCURRENTLY leads_tenant_id_created_at_deleted_at_is_converted_source_idx ON public.leads USING btree (tenant_id, created_at) INCLUDE (deleted_at, is_converted, source);

-- I32
CREATE INDEX CONCURRENTLY contacts_split_part_idx ON public.contacts USING btree ((split_part(email, '@', 2)));

-- I33
CREATE INDEX CONCURRENTLY opportunities_created_at_idx ON public.opportunities USING btree (created_at DESC);

-- D1
DROP INDEX CONCURRENTLY IF EXISTS public.user_sessions_token_idx;

-- D2
DROP INDEX CONCURRENTLY IF EXISTS public.opportunities_tenant_id_idx;

-- D3
DROP INDEX CONCURRENTLY IF EXISTS public.contacts_account_id_idx;

-- D4
DROP INDEX CONCURRENTLY IF EXISTS public.accounts_tenant_id_idx;

-- D5
DROP INDEX CONCURRENTLY IF EXISTS public.tags_id_idx;
