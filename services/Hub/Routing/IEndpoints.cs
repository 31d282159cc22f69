namespace ModelGarden.Hub.Routing;

/// <summary>A group of operations that belong together.</summary>
internal interface IEndpoints
{
    IEnumerable<HubRoute> Routes { get; }
}
