using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Garden;

/// <summary>The RPCs that commands use, by name.</summary>
internal static class GardenCalls
{
    extension(GardenClient garden)
    {
        // Preparing again finds the upload that is under way.
        public Task<PrepareUploadResponse> PrepareUploadAsync(PrepareUploadRequest request, CancellationToken cancel) =>
            garden.CallAsync<PrepareUploadResponse>(Artifacts.Descriptor.FindMethodByName("PrepareUpload"), request, cancel, repeatable: true);

        public Task<Principal> WhoAmIAsync(CancellationToken cancel) =>
            garden.CallAsync<Principal>(Identity.Descriptor.FindMethodByName("WhoAmI"), new WhoAmIRequest(), cancel);

        public Task<Account> CreateAccountAsync(CreateAccountRequest request, CancellationToken cancel) =>
            garden.CallAsync<Account>(Identity.Descriptor.FindMethodByName("CreateAccount"), request, cancel);

        public Task<ListAccountsResponse> ListAccountsAsync(ListAccountsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListAccountsResponse>(Identity.Descriptor.FindMethodByName("ListAccounts"), request, cancel);

        public Task<CreatePasswordResetResponse> CreatePasswordResetAsync(CreatePasswordResetRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreatePasswordResetResponse>(Identity.Descriptor.FindMethodByName("CreatePasswordReset"), request, cancel);

        public Task<Account> RemoveSecondFactorAsync(RemoveSecondFactorRequest request, CancellationToken cancel) =>
            garden.CallAsync<Account>(Identity.Descriptor.FindMethodByName("RemoveSecondFactor"), request, cancel);

        public Task<EndSessionsResponse> EndSessionsAsync(EndSessionsRequest request, CancellationToken cancel) =>
            garden.CallAsync<EndSessionsResponse>(Identity.Descriptor.FindMethodByName("EndSessions"), request, cancel);

        public Task<CreateInvitationResponse> CreateInvitationAsync(CreateInvitationRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreateInvitationResponse>(Identity.Descriptor.FindMethodByName("CreateInvitation"), request, cancel);

        public Task<ListInvitationsResponse> ListInvitationsAsync(ListInvitationsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListInvitationsResponse>(Identity.Descriptor.FindMethodByName("ListInvitations"), request, cancel);

        public Task<Invitation> RevokeInvitationAsync(RevokeInvitationRequest request, CancellationToken cancel) =>
            garden.CallAsync<Invitation>(Identity.Descriptor.FindMethodByName("RevokeInvitation"), request, cancel);

        public Task<CreateTokenResponse> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreateTokenResponse>(Identity.Descriptor.FindMethodByName("CreateToken"), request, cancel);

        public Task<ListTokensResponse> ListTokensAsync(ListTokensRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListTokensResponse>(Identity.Descriptor.FindMethodByName("ListTokens"), request, cancel);

        public Task<Token> RevokeTokenAsync(RevokeTokenRequest request, CancellationToken cancel) =>
            garden.CallAsync<Token>(Identity.Descriptor.FindMethodByName("RevokeToken"), request, cancel);

        public Task<CreateClientResponse> CreateClientAsync(CreateClientRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreateClientResponse>(Identity.Descriptor.FindMethodByName("CreateClient"), request, cancel);

        public Task<ListClientsResponse> ListClientsAsync(ListClientsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListClientsResponse>(Identity.Descriptor.FindMethodByName("ListClients"), request, cancel);

        public Task<CreateClientResponse> RotateClientSecretAsync(RotateClientSecretRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreateClientResponse>(Identity.Descriptor.FindMethodByName("RotateClientSecret"), request, cancel);

        public Task<DeleteClientResponse> DeleteClientAsync(DeleteClientRequest request, CancellationToken cancel) =>
            garden.CallAsync<DeleteClientResponse>(Identity.Descriptor.FindMethodByName("DeleteClient"), request, cancel);

        public Task<TrustedIssuer> CreateTrustedIssuerAsync(CreateTrustedIssuerRequest request, CancellationToken cancel) =>
            garden.CallAsync<TrustedIssuer>(Identity.Descriptor.FindMethodByName("CreateTrustedIssuer"), request, cancel);

        public Task<ListTrustedIssuersResponse> ListTrustedIssuersAsync(ListTrustedIssuersRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListTrustedIssuersResponse>(Identity.Descriptor.FindMethodByName("ListTrustedIssuers"), request, cancel);

        public Task<DeleteTrustedIssuerResponse> DeleteTrustedIssuerAsync(DeleteTrustedIssuerRequest request, CancellationToken cancel) =>
            garden.CallAsync<DeleteTrustedIssuerResponse>(Identity.Descriptor.FindMethodByName("DeleteTrustedIssuer"), request, cancel);

        public Task<ListGrantsResponse> ListGrantsAsync(ListGrantsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListGrantsResponse>(Identity.Descriptor.FindMethodByName("ListGrants"), request, cancel);

        public Task<EndGrantResponse> EndGrantAsync(EndGrantRequest request, CancellationToken cancel) =>
            garden.CallAsync<EndGrantResponse>(Identity.Descriptor.FindMethodByName("EndGrant"), request, cancel);

        public Task<Tenant> CreateTenantAsync(CreateTenantRequest request, CancellationToken cancel) =>
            garden.CallAsync<Tenant>(Entitlement.Descriptor.FindMethodByName("CreateTenant"), request, cancel);

        public Task<ListTenantsResponse> ListTenantsAsync(CancellationToken cancel) =>
            garden.CallAsync<ListTenantsResponse>(Entitlement.Descriptor.FindMethodByName("ListTenants"), new ListTenantsRequest(), cancel);

        public Task<ListLicensesResponse> ListLicensesAsync(CancellationToken cancel) =>
            garden.CallAsync<ListLicensesResponse>(Entitlement.Descriptor.FindMethodByName("ListLicenses"), new ListLicensesRequest(), cancel);

        public Task<License> GetLicenseAsync(string id, CancellationToken cancel, int version = 0) =>
            garden.CallAsync<License>(Entitlement.Descriptor.FindMethodByName("GetLicense"), new GetLicenseRequest { Id = id, Version = version }, cancel);

        public Task<ListLicenseVersionsResponse> ListLicenseVersionsAsync(string id, CancellationToken cancel) =>
            garden.CallAsync<ListLicenseVersionsResponse>(Entitlement.Descriptor.FindMethodByName("ListLicenseVersions"), new ListLicenseVersionsRequest { Id = id }, cancel);

        public Task<ListAcceptancesResponse> ListAcceptancesAsync(CancellationToken cancel) =>
            garden.CallAsync<ListAcceptancesResponse>(Entitlement.Descriptor.FindMethodByName("ListAcceptances"), new ListAcceptancesRequest(), cancel);

        public Task<Acceptance> WithdrawAcceptanceAsync(WithdrawAcceptanceRequest request, CancellationToken cancel) =>
            garden.CallAsync<Acceptance>(Entitlement.Descriptor.FindMethodByName("WithdrawAcceptance"), request, cancel);

        public Task<Contracts.V1.Evidence> GetEvidenceAsync(string acceptance, CancellationToken cancel) =>
            garden.CallAsync<Contracts.V1.Evidence>(Entitlement.Descriptor.FindMethodByName("GetEvidence"), new GetEvidenceRequest { Id = acceptance }, cancel);

        public Task<ListEvidenceKeysResponse> ListEvidenceKeysAsync(CancellationToken cancel) =>
            garden.CallAsync<ListEvidenceKeysResponse>(Entitlement.Descriptor.FindMethodByName("ListEvidenceKeys"), new ListEvidenceKeysRequest(), cancel);

        public Task<SignedEnvelope> GetAuditCheckpointAsync(CancellationToken cancel) =>
            garden.CallAsync<SignedEnvelope>(Entitlement.Descriptor.FindMethodByName("GetAuditCheckpoint"), new GetAuditCheckpointRequest(), cancel);

        public Task<EraseFromAuditResponse> EraseFromAuditAsync(EraseFromAuditRequest request, CancellationToken cancel) =>
            garden.CallAsync<EraseFromAuditResponse>(Entitlement.Descriptor.FindMethodByName("EraseFromAudit"), request, cancel);

        public IAsyncEnumerable<AuditEntry> ExportAuditAsync(ExportAuditRequest request, CancellationToken cancel) =>
            garden.StreamAsync<AuditEntry>(Entitlement.Descriptor.FindMethodByName("ExportAudit"), request, cancel);

        public IAsyncEnumerable<AuditCloudEvent> ExportAuditEventsAsync(ExportAuditRequest request, CancellationToken cancel) =>
            garden.StreamAsync<AuditCloudEvent>(Entitlement.Descriptor.FindMethodByName("ExportAuditEvents"), request, cancel);

        // Accepting again what is accepted answers the standing acceptance.
        public Task<Acceptance> AcceptLicenseAsync(AcceptLicenseRequest request, CancellationToken cancel) =>
            garden.CallAsync<Acceptance>(Entitlement.Descriptor.FindMethodByName("AcceptLicense"), request, cancel, repeatable: true);

        public Task<Policy> GetPolicyAsync(GetPolicyRequest request, CancellationToken cancel) =>
            garden.CallAsync<Policy>(Entitlement.Descriptor.FindMethodByName("GetPolicy"), request, cancel);

        public Task<Policy> SetPolicyAsync(SetPolicyRequest request, CancellationToken cancel) =>
            garden.CallAsync<Policy>(Entitlement.Descriptor.FindMethodByName("SetPolicy"), request, cancel);

        public Task<ListPolicyVersionsResponse> ListPolicyVersionsAsync(ListPolicyVersionsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListPolicyVersionsResponse>(Entitlement.Descriptor.FindMethodByName("ListPolicyVersions"), request, cancel);

        public IAsyncEnumerable<ReplayProgress> ReplayPolicyAsync(ReplayPolicyRequest request, CancellationToken cancel) =>
            garden.StreamAsync<ReplayProgress>(Entitlement.Descriptor.FindMethodByName("ReplayPolicy"), request, cancel);

        public Task<Explanation> WhyAsync(WhyRequest request, CancellationToken cancel) =>
            garden.CallAsync<Explanation>(Entitlement.Descriptor.FindMethodByName("Why"), request, cancel);

        public Task<GetUsageResponse> GetUsageAsync(GetUsageRequest request, CancellationToken cancel) =>
            garden.CallAsync<GetUsageResponse>(Entitlement.Descriptor.FindMethodByName("GetUsage"), request, cancel);

        public Task<QueryResponse> SearchAsync(QueryRequest request, CancellationToken cancel) =>
            garden.CallAsync<QueryResponse>(Search.Descriptor.FindMethodByName("Query"), request, cancel);

        public Task<SimilarResponse> SimilarAsync(SimilarRequest request, CancellationToken cancel) =>
            garden.CallAsync<SimilarResponse>(Search.Descriptor.FindMethodByName("Similar"), request, cancel);

        public Task<Repository> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("CreateRepository"), request, cancel);

        // States what is to be: the same twice is once.
        public Task<Repository> UpdateRepositoryAsync(UpdateRepositoryRequest request, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("UpdateRepository"), request, cancel, repeatable: true);

        // What is recorded already is answered as it is.
        public Task<OriginRecord> RecordOriginAsync(RecordOriginRequest request, CancellationToken cancel) =>
            garden.CallAsync<OriginRecord>(Catalog.Descriptor.FindMethodByName("RecordOrigin"), request, cancel, repeatable: true);

        public Task<GetOriginResponse> GetOriginAsync(GetOriginRequest request, CancellationToken cancel) =>
            garden.CallAsync<GetOriginResponse>(Catalog.Descriptor.FindMethodByName("GetOrigin"), request, cancel);

        public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancel) => garden.GetRepositoryAsync(new ModelReference(name, ""), cancel);

        public Task<Repository> GetRepositoryAsync(ModelReference model, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("GetRepository"), new GetRepositoryRequest { Name = model.Name.Value, Kind = model.Kind }, cancel);

        public Task<ResolveRevisionResponse> ResolveRevisionAsync(ModelReference model, CancellationToken cancel) =>
            garden.CallAsync<ResolveRevisionResponse>(
                Catalog.Descriptor.FindMethodByName("ResolveRevision"), new ResolveRevisionRequest { Name = model.Name.Value, Kind = model.Kind, Revision = model.Revision }, cancel);

        public Task<ReadCardResponse> ReadCardAsync(ModelReference model, CancellationToken cancel) =>
            garden.CallAsync<ReadCardResponse>(Catalog.Descriptor.FindMethodByName("ReadCard"), new ReadCardRequest { Name = model.Name.Value, Revision = model.Revision }, cancel);

        public Task<ListTreeResponse> ListTreeAsync(ListTreeRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListTreeResponse>(Catalog.Descriptor.FindMethodByName("ListTree"), request, cancel);

        public Task<ListTensorsResponse> ListTensorsAsync(ListTensorsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListTensorsResponse>(Catalog.Descriptor.FindMethodByName("ListTensors"), request, cancel);

        public Task<Repository> ChangeLifecycleAsync(ChangeLifecycleRequest request, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("ChangeLifecycle"), request, cancel);

        public Task<ListLifecycleResponse> ListLifecycleAsync(RepositoryName name, CancellationToken cancel) =>
            garden.CallAsync<ListLifecycleResponse>(Catalog.Descriptor.FindMethodByName("ListLifecycle"), new ListLifecycleRequest { Name = name.Value }, cancel);

        public Task<ListChecksResponse> ListChecksAsync(ModelReference model, CancellationToken cancel) =>
            garden.CallAsync<ListChecksResponse>(Catalog.Descriptor.FindMethodByName("ListChecks"), new ListChecksRequest { Name = model.Name.Value, Revision = model.Revision }, cancel);

        public Task<Repository> SetLikeAsync(SetLikeRequest request, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("SetLike"), request, cancel);

        public Task<ListLikersResponse> ListLikersAsync(ListLikersRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListLikersResponse>(Catalog.Descriptor.FindMethodByName("ListLikers"), request, cancel);

        public Task<ListLikesResponse> ListLikesAsync(ListLikesRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListLikesResponse>(Catalog.Descriptor.FindMethodByName("ListLikes"), request, cancel);

        // A title that is there answers the standing collection.
        public Task<CreateCollectionResponse> CreateCollectionAsync(CreateCollectionRequest request, CancellationToken cancel) =>
            garden.CallAsync<CreateCollectionResponse>(Catalog.Descriptor.FindMethodByName("CreateCollection"), request, cancel, repeatable: true);

        public Task<Collection> GetCollectionAsync(CollectionAddress collection, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("GetCollection"), new GetCollectionRequest { Slug = collection.Slug }, cancel);

        public Task<ListCollectionsResponse> ListCollectionsAsync(ListCollectionsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListCollectionsResponse>(Catalog.Descriptor.FindMethodByName("ListCollections"), request, cancel);

        // States what is to be: the same twice is once.
        public Task<Collection> UpdateCollectionAsync(UpdateCollectionRequest request, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("UpdateCollection"), request, cancel, repeatable: true);

        public Task<DeleteCollectionResponse> DeleteCollectionAsync(CollectionAddress collection, CancellationToken cancel) =>
            garden.CallAsync<DeleteCollectionResponse>(Catalog.Descriptor.FindMethodByName("DeleteCollection"), new DeleteCollectionRequest { Slug = collection.Slug }, cancel);

        public Task<Collection> AddCollectionItemAsync(AddCollectionItemRequest request, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("AddCollectionItem"), request, cancel);

        public Task<Collection> UpdateCollectionItemAsync(UpdateCollectionItemRequest request, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("UpdateCollectionItem"), request, cancel, repeatable: true);

        public Task<Collection> RemoveCollectionItemAsync(RemoveCollectionItemRequest request, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("RemoveCollectionItem"), request, cancel);

        public Task<Collection> FeatureCollectionAsync(FeatureCollectionRequest request, CancellationToken cancel) =>
            garden.CallAsync<Collection>(Catalog.Descriptor.FindMethodByName("FeatureCollection"), request, cancel);

        public Task<Repository> RateRepositoryAsync(RateRepositoryRequest request, CancellationToken cancel) =>
            garden.CallAsync<Repository>(Catalog.Descriptor.FindMethodByName("RateRepository"), request, cancel);

        // Reporting again answers the standing report.
        public Task<ReportRepositoryResponse> ReportRepositoryAsync(ReportRepositoryRequest request, CancellationToken cancel) =>
            garden.CallAsync<ReportRepositoryResponse>(Catalog.Descriptor.FindMethodByName("ReportRepository"), request, cancel, repeatable: true);

        public Task<ListReportsResponse> ListOwnReportsAsync(ListOwnReportsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListReportsResponse>(Catalog.Descriptor.FindMethodByName("ListOwnReports"), request, cancel);

        public Task<ListReportsResponse> ListReportsAsync(ListReportsRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListReportsResponse>(Catalog.Descriptor.FindMethodByName("ListReports"), request, cancel);

        public Task<ListReportedRepositoriesResponse> ListReportedRepositoriesAsync(ListReportedRepositoriesRequest request, CancellationToken cancel) =>
            garden.CallAsync<ListReportedRepositoriesResponse>(Catalog.Descriptor.FindMethodByName("ListReportedRepositories"), request, cancel);

        public Task<Report> GetReportAsync(string id, CancellationToken cancel) =>
            garden.CallAsync<Report>(Catalog.Descriptor.FindMethodByName("GetReport"), new GetReportRequest { Id = id }, cancel);

        public Task<Report> TakeReportAsync(TakeReportRequest request, CancellationToken cancel) =>
            garden.CallAsync<Report>(Catalog.Descriptor.FindMethodByName("TakeReport"), request, cancel);

        public Task<Report> ResolveReportAsync(ResolveReportRequest request, CancellationToken cancel) =>
            garden.CallAsync<Report>(Catalog.Descriptor.FindMethodByName("ResolveReport"), request, cancel);

        // The same wish again answers the standing endpoint.
        public Task<Endpoint> CreateEndpointAsync(CreateEndpointRequest request, CancellationToken cancel) =>
            garden.CallAsync<Endpoint>(Deployment.Descriptor.FindMethodByName("CreateEndpoint"), request, cancel, repeatable: true);

        // States a wish: the same one twice is one.
        public Task<Endpoint> UpdateEndpointAsync(UpdateEndpointRequest request, CancellationToken cancel) =>
            garden.CallAsync<Endpoint>(Deployment.Descriptor.FindMethodByName("UpdateEndpoint"), request, cancel, repeatable: true);

        public Task<Endpoint> GetEndpointAsync(EndpointName name, CancellationToken cancel) =>
            garden.CallAsync<Endpoint>(Deployment.Descriptor.FindMethodByName("GetEndpoint"), new GetEndpointRequest { Name = name.Value }, cancel);

        public Task<ListEndpointsResponse> ListEndpointsAsync(CancellationToken cancel) =>
            garden.CallAsync<ListEndpointsResponse>(Deployment.Descriptor.FindMethodByName("ListEndpoints"), new ListEndpointsRequest(), cancel);

        public Task<DeleteEndpointResponse> DeleteEndpointAsync(EndpointName name, CancellationToken cancel) =>
            garden.CallAsync<DeleteEndpointResponse>(Deployment.Descriptor.FindMethodByName("DeleteEndpoint"), new DeleteEndpointRequest { Name = name.Value }, cancel);

        public IAsyncEnumerable<Endpoint> WatchEndpointAsync(EndpointName name, CancellationToken cancel) =>
            garden.StreamAsync<Endpoint>(Deployment.Descriptor.FindMethodByName("WatchEndpoint"), new GetEndpointRequest { Name = name.Value }, cancel);

        public IAsyncEnumerable<LogLine> ReadLogsAsync(ReadLogsRequest request, CancellationToken cancel) =>
            garden.StreamAsync<LogLine>(Deployment.Descriptor.FindMethodByName("ReadLogs"), request, cancel);
    }
}
