using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hub.Access;
using ModelGarden.Hub.Accounts;
using ModelGarden.Hub.Collections;
using ModelGarden.Hub.Commits;
using ModelGarden.Hub.Discussions;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Git;
using ModelGarden.Hub.Listing;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Uploads;
using ModelGarden.Hub.Webhooks;
using ModelGarden.Hub.Wire;
using ModelGarden.Hub.Xet;
using ModelGarden.Rights;

namespace ModelGarden.Hub;

/// <summary>Registers and maps the Hub service.</summary>
public static class HubModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Hub, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<HubOptions>().BindConfiguration(HubOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HubOptions>, HubOptionsValidator>();
        services.AddSingleton<OwnChanges>().AddFeedFollower<FileAnswers>(ServiceNames.Catalog, required: false);
        services.AddRights();
        services.AddSingleton<Garden>().AddSingleton<MovedRepositories>().AddSingleton<PublicAddress>().AddSingleton<HubMetrics>();
        services.AddSingleton<Gate>().AddSingleton<LineDiffs>().AddSingleton<LicenseTerms>().AddSingleton<Siblings>().AddSingleton<Family>().AddSingleton<SecurityStatus>().AddSingleton<XetLinks>().AddSingleton<ConvertedFiles>();
        services.AddSingleton<DownloadLedger>();
        services.AddHostedService(provider => provider.GetRequiredService<DownloadLedger>());
        services.AddSingleton<RouteTable>();
        services.AddSingleton<IEndpoints, AccountEndpoints>();
        services.AddSingleton<IEndpoints, OverviewEndpoints>();
        services.AddSingleton<IEndpoints, InfoEndpoints>();
        services.AddSingleton<IEndpoints, RepositoryEndpoints>();
        services.AddSingleton<IEndpoints, MoveEndpoints>();
        services.AddSingleton<IEndpoints, DuplicateEndpoints>();
        services.AddSingleton<IEndpoints, ListEndpoints>();
        services.AddSingleton<IEndpoints, TreeEndpoints>();
        services.AddSingleton<IEndpoints, ResolveEndpoints>();
        services.AddSingleton<IEndpoints, PageEndpoints>();
        services.AddSingleton<IEndpoints, CommitEndpoints>();
        services.AddSingleton<IEndpoints, HistoryEndpoints>();
        services.AddSingleton<IEndpoints, CompareEndpoints>();
        services.AddSingleton<IEndpoints, LargeFileEndpoints>();
        services.AddSingleton<IEndpoints, DiscussionEndpoints>();
        services.AddSingleton<IEndpoints, CollectionEndpoints>();
        services.AddSingleton<IEndpoints, LikeEndpoints>();
        services.AddSingleton<IEndpoints, WebhookEndpoints>();
        services.AddSingleton<IEndpoints, RefEndpoints>();
        services.AddSingleton<IEndpoints, PreuploadEndpoints>();
        services.AddSingleton<IEndpoints, LfsEndpoints>();
        services.AddSingleton<IEndpoints, XetTokenEndpoints>();
        services.AddSingleton<IEndpoints, GitEndpoints>();
        services.AddSingleton<IEndpoints, AskEndpoints>();
        services.AddSingleton<IEndpoints, AccessRequestEndpoints>();
        services.AddSingleton<IEndpoints, ShortNameEndpoints>();
    }

    private static void Map(WebApplication app) => app.UseMiddleware<HubRouter>();
}
